"""`isogloss pretrain`: an encoder of one's own languages from one's own text, in this process."""

from pathlib import Path
from typing import Annotated

import typer

from isogloss.errors import InvalidInput

Languages = Annotated[str, typer.Option(help="ISO 639-3 codes, with commas: eng,fin,hin")]
Data = Annotated[
    Path, typer.Option(help="A folder with <language>.txt: a sentence a line, words between spaces.")
]
Input = Annotated[
    str, typer.Option("--input", help="phoneme, phoneme_by_script, letters, romanized or character.")
]
MOST_BYTES = 2 * 2**30  # of one language's text


def pretrain(
    languages: Languages,
    data: Data,
    out: Annotated[Path, typer.Argument(help="The folder to write: plain transformers loads it.")],
    input_: Input = "phoneme",
    steps: Annotated[int, typer.Option(min=1, help="Optimizer steps.")] = 2000,
    windows: Annotated[int, typer.Option(min=1, help="Windows read at each step.")] = 32,
    length: Annotated[int, typer.Option(min=16, help="Units of a window, at most.")] = 256,
    layers: Annotated[int, typer.Option(min=1)] = 4,
    hidden: Annotated[int, typer.Option(min=8, help="Hidden size.")] = 256,
    heads: Annotated[int, typer.Option(min=1, help="Attention heads, which divide it.")] = 4,
    learning_rate: Annotated[float, typer.Option(min=0)] = 5e-4,
    seed: int = 0,
    held_out: Annotated[
        Path | None, typer.Option(help="A folder with <language>.txt whose sentences must not be read.")
    ] = None,
) -> None:
    """Pre-train a masked language model on your own text and write it in the hub's layout, with a model card.

    Words become phonemes (or what --input says) by G2P with normalization `standard`; lines that hold a
    held-out sentence are left out and counted.
    """
    import tempfile

    from services.encoders.device import configure, pick
    from services.trainer.pretrain import corpus as corpora
    from services.trainer.pretrain import plan as plans
    from services.trainer.pretrain.loop import Hooks, Hyperparameters, State
    from services.trainer.pretrain.model import Shape
    from services.trainer.pretrain.run import Request, run

    if out.exists() and any(out.iterdir()):
        raise InvalidInput("out", f"{out} is not empty", "Name a folder that does not exist.")
    configure(0)
    device = pick()
    with tempfile.TemporaryDirectory() as name:
        paths, leaks, renderer = {}, {}, ""
        for language in dict.fromkeys(filter(None, languages.split(","))):
            paths[language] = Path(name) / f"{language}.parquet"
            typer.echo(f"{language}: reading and converting")
            leaks[language], renderer = write_corpus(data, language, input_, held_out, paths[language])
        if not paths:
            raise InvalidInput("languages", "names none", "Use --languages eng,fin.")
        corpus = corpora.read(paths, [input_], "data")
        settings = plans.Settings(steps, windows, length, seed=seed)
        plan_path = Path(name) / "plan.safetensors"
        plans.make(corpus, settings).save(plan_path)
        shape = Shape(layers, hidden, heads, 4 * hidden, max(512, length))
        hp = Hyperparameters(
            learning_rate=learning_rate, warmup_ratio=0.1, log_every=min(50, steps),
            ids_per_micro_batch=2_048 if device.type == "cpu" else 16_384,
            precision="float32" if device.type == "cpu" else "bfloat16",
        )  # fmt: skip

        def report(state: State, total: int) -> None:
            entry = state.history[-1]
            typer.echo(
                f"step {state.step}/{total}: loss {entry['loss']:.3f}, {entry['accuracy']:.1f} % right, "
                f"{entry['units_per_s']:,.0f} units/s"
            )

        about = {"renderer": renderer, "leaks": leaks}
        request = Request(input_, paths, plan_path, shape, hp, seed, about)
        run(request, out, device, Hooks(report))
    typer.echo(f"written: {out} (AutoModel and AutoTokenizer load it; README.md says what is in it)")


def write_corpus(
    data: Path, language: str, input_name: str, held_out: Path | None, target: Path
) -> tuple[int, str]:
    """One language's text as a corpus with the rendering of an input; how many lines held a held-out
    sentence, and what made the rendering."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from isogloss.g2p.engine import renderings
    from isogloss.g2p.engine.converter import load
    from isogloss.g2p.engine.options import Options
    from isogloss.inputs import input_named
    from sources.held_out import HeldOut

    kept_out = HeldOut()
    if held_out is not None:
        kept_out.add(line.split() for line in read_lines(held_out, language, "held_out"))
    rows, leaks = [], 0
    for line in read_lines(data, language, "data"):
        words = line.split()
        if kept_out.holds(words):
            leaks += 1
        elif words:
            rows.append(words)
    columns = {"tokens": rows}
    rendering, renderer = input_named(input_name).rendering, "the words as written"
    if rendering:
        converter = load(language, Options("standard"))
        render = renderings.renderer(converter, rendering)
        columns[rendering] = [[render(word) or renderings.HOLE for word in row] for row in rows]
        renderer = f"Isogloss G2P, {rendering}, normalization standard, {converter.version}"
    kind = pa.list_(pa.string())
    pq.write_table(pa.table({name: pa.array(column, kind) for name, column in columns.items()}), target)
    return leaks, renderer


def read_lines(folder: Path, language: str, field: str) -> list[str]:
    """The lines of <language>.txt. Raises `InvalidInput` on `field`."""
    path = folder / f"{language}.txt"
    if not path.is_file():
        raise InvalidInput(field, f"{path} is missing", "Put a sentence a line into <language>.txt.")
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInput(field, f"{path} has over {MOST_BYTES} bytes", "Send less of it.")
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InvalidInput(field, f"{path} is not UTF-8 ({error})", "Convert it.") from error
