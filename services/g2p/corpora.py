"""ConvertCorpus: long work on datasets in S3. Loaded when a corpus is first asked for, since S3's client and
pyarrow take longer to load than the rest of the service.
"""

from collections.abc import Iterator
from pathlib import Path

from isogloss.artifacts import PARQUET, Artifact
from isogloss.code_version import code_version, library_versions
from isogloss.g2p import convert
from isogloss.g2p.engine import renderings
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.keys import canonical_request, inputs_of, make_key
from isogloss.settings import Settings
from isogloss.store import Store
from isogloss.wire import progress_to_proto, record_to_proto
from isogloss.work import Attempt, Caller, Done, Job, Progress, Workplace
from services.g2p.corpus import CorpusConverter, read_vocabulary

KIND = "phonemes"
LIBRARIES = ("epitran", "num2words", "panphon", "regex", "pyarrow")
_SLOTS = 4  # corpora at once; conversion holds the interpreter, more would only take turns


class Corpora:
    """Converts corpora of one store; `Denied` when the settings have no credentials for it."""

    def __init__(self, settings: Settings) -> None:
        self._workplace = Workplace(Store.from_settings(settings), _SLOTS)
        self.drain = self._workplace.drain

    def convert(self, request: pb.ConvertCorpusRequest, caller: Caller) -> Iterator[pb.ConvertCorpusResponse]:
        """Progress and, last, the result; see g2p.proto."""
        kind = convert.corpus_kind(request.kind)
        converter = convert.converter_for(request.language, request.options)
        corpus = Artifact.from_proto(request.corpus, "corpus")
        vocabulary = (
            Artifact.from_proto(request.vocabulary, "vocabulary") if request.HasField("vocabulary") else None
        )
        names = renderings.check(request.renderings)
        libraries = (*LIBRARIES, *renderings.libraries(names))
        job = _job(request, converter.version, libraries)

        def compute(attempt: Attempt) -> dict[str, object]:
            def tick(share: float) -> None:
                attempt.check()
                attempt.report(Progress("converting", share * 100, 100, "%"))

            phonemes = read_vocabulary(attempt.store.get(vocabulary)) if vocabulary else ()
            data, quality = CorpusConverter(converter, kind, phonemes, tick, names).convert(
                attempt.store.get(corpus)
            )
            attempt.write("corpus.parquet", data, PARQUET)
            provenance = convert.provenance(converter)
            return {
                "quality": vars(quality),
                "backend": provenance.backend,
                "version": provenance.version,
                "normalization": provenance.normalization,
            }

        for event in self._workplace.perform(job, compute, caller):
            if isinstance(event, Done):
                yield pb.ConvertCorpusResponse(result=_result(event))
            else:
                yield pb.ConvertCorpusResponse(progress=progress_to_proto(job.key, event))


def _job(request: pb.ConvertCorpusRequest, data_version: str, libraries: tuple[str, ...]) -> Job:
    canonical = canonical_request(request)
    version = f"{code_version(str(Path(__file__).parent), libraries)}, {data_version}"
    return Job(
        kind=KIND,
        key=make_key(KIND, canonical, version),
        request=canonical,
        inputs=inputs_of(canonical),
        code_version=version,
        libraries=library_versions(libraries),
    )


def _result(done: Done) -> pb.ConvertCorpusResult:
    result = done.manifest.result
    return pb.ConvertCorpusResult(
        record=record_to_proto(done),
        corpus=done.manifest.files["corpus.parquet"].to_proto(),
        quality=pb.Quality(**result["quality"]),
        provenance=pb.Provenance(
            backend=result["backend"], version=result["version"], normalization=result["normalization"]
        ),
    )
