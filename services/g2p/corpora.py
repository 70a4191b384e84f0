"""ConvertCorpus: long work on datasets in S3. Loaded when a corpus is first asked for, since S3's client and
pyarrow take longer to load than the rest of the service.
"""

from collections.abc import Iterator
from dataclasses import replace

from isogloss.artifacts import PARQUET, Artifact
from isogloss.attempt import Attempt, Progress
from isogloss.code_version import CodeVersion, library_versions, refuse_other_sources
from isogloss.g2p import convert
from isogloss.g2p.engine import renderings
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.settings import Settings
from isogloss.store import Store
from isogloss.work import Caller, Done, Workplace, record_to_proto
from services.g2p.corpus import CorpusConverter, read_vocabulary

KIND = "phonemes"
ENTRY = "services.g2p.corpora"
LIBRARIES = ("babel", "epitran", "num2words2", "panphon", "regex", "pyarrow")
_SLOTS = 4  # corpora at once; conversion holds the interpreter, more would only take turns


class Corpora:
    """Converts corpora of one store; `Denied` when the settings have no credentials for it."""

    def __init__(self, settings: Settings, version: CodeVersion) -> None:
        """`version` is that of the server as it started: this module is loaded later."""
        refuse_other_sources(version, ENTRY)
        version = replace(version, environment={**version.environment, **library_versions(LIBRARIES)})
        self._workplace = Workplace(Store.from_settings(settings), _SLOTS, lambda: version)
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
        libraries = library_versions(renderings.libraries(names))

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

        return self._workplace.stream(
            KIND,
            request,
            compute,
            caller,
            pb.ConvertCorpusResponse,
            _result,
            environment={"backend": converter.backend, "data": converter.version, **libraries},
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
