"""Every setting of Isogloss: read from the environment (`ISOGLOSS_…`), each with its unit and default.

No secret has a default. A wrong value stops the process at start, naming the variable.
"""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The one settings class; all parts read what they need from it."""

    model_config = SettingsConfigDict(env_prefix="ISOGLOSS_", extra="ignore")

    # --- S3
    s3_endpoint: str = Field("127.0.0.1:9000", description="host:port of the S3 server, without a scheme")
    s3_access_key: SecretStr | None = Field(None, description="S3 access key; no default")
    s3_secret_key: SecretStr | None = Field(None, description="S3 secret key; no default")
    s3_secure: bool = Field(False, description="use TLS towards S3")
    s3_ca: Path | None = Field(None, description="authority of S3's certificate, PEM; empty: the system's")
    s3_region: str = Field("us-east-1", description="S3 region, needed for signatures")
    s3_patience_s: float = Field(60, ge=0, description="seconds to keep trying an S3 that does not answer")
    bucket: str = Field("isogloss", description="bucket that holds all artifacts")

    # --- Where the services are: gRPC targets, several addresses as ipv4:host:port,host:port
    g2p_target: str = "127.0.0.1:50051"
    trainer_target: str = "127.0.0.1:50052"
    embedder_target: str = "127.0.0.1:50053"
    metrics_target: str = "127.0.0.1:50054"
    trainers: int = Field(
        1, ge=1, description="trainer replicas behind trainer_target: cells trained at once"
    )
    embedders: int = Field(1, ge=1, description="embedder replicas behind embedder_target")

    # --- Mutual TLS between the parts: all three files, or none
    tls_cert: Path | None = Field(None, description="this part's certificate, PEM")
    tls_key: Path | None = Field(None, description="its key, PEM")
    tls_ca: Path | None = Field(None, description="authority of all parts' certificates, PEM")

    # --- Serving
    listen: str = Field("", description="host:port to serve on; empty: loopback and the service's own port")
    health_port: int = Field(
        0, ge=0, le=65535, description="port that serves health alone and without TLS, for probes; 0: off"
    )
    metrics_port: int = Field(0, ge=0, le=65535, description="port of the Prometheus metrics; 0: off")
    max_message_bytes: int = Field(16 * 2**20, ge=2**10, description="largest gRPC message, bytes")
    max_calls: int = Field(64, ge=1, description="calls at once per server; more get RESOURCE_EXHAUSTED")
    turn_wait_s: float = Field(
        0.5, ge=0, description="seconds that a short call may wait for its turn before it is refused"
    )
    idle_s: float = Field(60, gt=0, description="seconds that a stream of requests may be silent")
    g2p_dictionaries: Path | None = Field(
        None,
        description="folder with the dictionaries of Chinese and Japanese; empty: where Epitran puts them",
    )
    g2p_http_port: int = Field(
        0, ge=0, le=65535, description="port of G2P over HTTP and JSON, beside gRPC; 0: off"
    )
    g2p_processes: int = Field(
        1, ge=1, le=256, description="G2P processes behind the one port; a process keeps one core busy"
    )
    g2p_lexicons: Path | None = Field(
        None, description="folder of lexicons, <code>.tsv, which go before the rules; empty: none"
    )
    drain_s: float = Field(20, ge=0, description="seconds that calls in flight get after SIGTERM")
    log_level: str = "INFO"
    otlp_endpoint: str = Field(
        "",
        pattern="^(https?://.+)?$",
        description="OpenTelemetry collector that gets traces and logs, OTLP over HTTP, such as "
        "http://127.0.0.1:4318; empty: none. Needs the extra telemetry",
    )

    # --- Running
    state_dir: Path = Field(
        Path(".isogloss"), description="state of the local stack and of runs; goes with it"
    )
    profile: str = Field("sample", description="profile of a cluster's deployments: flows/profiles")
    data: str | None = Field(
        None, description="mirror that a cluster's deployments read; empty: the profile's source"
    )
    treebank_url: str = Field(
        "https://raw.githubusercontent.com/UniversalDependencies",
        pattern="^https?://",
        description="where the repositories of the treebanks are served; HF_ENDPOINT says it of the hub",
    )
    reports_dir: Path = Field(Path("reports"), description="where reports are written, one folder a run")

    # --- Estimating: see docs/decisions.md; `isogloss plan --gpu-tflops --mfu` replace them
    gpu_tflops: float = Field(
        989, gt=0, description="dense bf16 peak of one GPU, TFLOP/s; an H100 SXM's by its data sheet"
    )
    mfu: float = Field(0.1, gt=0, le=1, description="part of that peak that training is assumed to reach")

    # --- Work
    scratch_dir: Path | None = Field(None, description="directory for temporary files; empty: the system's")
    checkpoint_every_s: float = Field(
        30,
        gt=0,
        description="seconds between training checkpoints; more where saving takes a tenth",
    )
    tensorboard_dir: Path | None = Field(
        None, description="where trainers write TensorBoard's event files, a folder a run; empty: nowhere"
    )
    torch_compile: bool = Field(
        False, description="compile encoders before training: minutes at first, then faster on an accelerator"
    )
    torch_threads: int = Field(0, ge=0, description="threads of one torch process; 0: torch's own choice")

    # --- Calling
    call_timeout_s: float = Field(120, gt=0, description="deadline of a short call, seconds")
    work_timeout_s: float = Field(7 * 24 * 3600, gt=0, description="deadline of a long call, seconds")
    patience_s: float = Field(
        600,
        ge=0,
        description="seconds a client keeps trying a service that is down; being busy is waited out",
    )


@lru_cache
def settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
