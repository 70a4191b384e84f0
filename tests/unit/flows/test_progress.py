"""What a person reads while a model trains."""

from flows.progress import brief, full
from isogloss.artifact.v1.artifact_pb2 import Progress

TRAINING = Progress(
    phase="epoch 3/10",
    done=72,
    total=300,
    unit="step",
    eta_s=80,
    measures={"epoch": 3, "loss": 0.43218, "learning_rate": 5e-5, "tokens_per_s": 8512.3, "fill": 0.934},
)


def test_a_training_says_where_it_is_and_how_fast() -> None:
    assert brief(TRAINING) == "epoch 3/10 24%, 1 min 20 s left"
    assert full(TRAINING) == (
        "epoch 3/10, step 72/300, loss 0.4322, learning rate 5e-05, 8,512 units/s, fill 93%, 1 min 20 s left"
    )


def test_what_is_not_known_is_not_said() -> None:
    event = Progress(phase="fetching inputs")
    assert brief(event) == full(event) == "fetching inputs"
