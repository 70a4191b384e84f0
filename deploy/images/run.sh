#!/usr/bin/env bash
# Run the whole sample in containers of the images that `make images` built: `make cluster-run`. Needs podman.
#
# Each container runs as the manifests say: user 10001, read-only root, no capabilities, /tmp alone to write to, the ConfigMap's
# settings, the CronJob's pod as the work pool's template. Not as they say: Prefect on SQLite, and S3 from the wheel's `weed`.
# KILL=trainer kills that container with -9 once the run trains, and starts it again, as a kubelet would.
set -euo pipefail
cd "$(dirname "$0")/../.."
version="${VERSION:-$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)}"
registry="${REGISTRY:-localhost/isogloss}"
base="${BASE:-localhost/isogloss/base:bookworm}"
work="$(mktemp -d)"
names=(s3 prefect g2p trainer embedder metrics)
runtime=(${PODMAN_FLAGS:-})
cleanup() {
    mkdir -p .isogloss/cluster
    for name in "${names[@]}"; do podman logs "iso-$name" >".isogloss/cluster/$name.log" 2>&1 || true; done
    podman rm -f -t 5 "${names[@]/#/iso-}" iso-run >/dev/null 2>&1 || true
    podman network rm -f iso >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap cleanup EXIT

.venv/bin/kubectl kustomize deploy/k8s/overlays/local >"$work/all.yaml"
.venv/bin/python - "$work" <<'PY'
import json, sys, yaml
folder = sys.argv[1]
objects = list(yaml.safe_load_all(open(f"{folder}/all.yaml")))
settings = next(o["data"] for o in objects if o["kind"] == "ConfigMap")
open(f"{folder}/settings", "w").write("".join(f"{k}={v}\n" for k, v in settings.items()))
json.dump(next(o for o in objects if o["kind"] == "CronJob"), open(f"{folder}/cron.json", "w"))
s3 = next(o for o in objects if o["kind"] == "StatefulSet" and o["metadata"]["name"] == "s3")
open(f"{folder}/s3-args", "w").write("\n".join(s3["spec"]["template"]["spec"]["containers"][0]["args"]))
PY
access="$(openssl rand -hex 10)" secret="$(openssl rand -hex 32)" auth="isogloss:$(openssl rand -hex 16)"
podman network create iso >/dev/null
hardened=("${runtime[@]}" --network iso --user 10001:10001 --read-only --cap-drop all
    --security-opt no-new-privileges --tmpfs /tmp:rw,mode=1777)
s3keys=(--env "ISOGLOSS_S3_ACCESS_KEY=$access" --env "ISOGLOSS_S3_SECRET_KEY=$secret")
prefect=(--env PREFECT_API_URL=http://iso-prefect:4200/api --env "PREFECT_API_AUTH_STRING=$auth"
    --env PREFECT_HOME=/tmp/prefect --env DO_NOT_TRACK=1)

mapfile -t args <"$work/s3-args"
weed="${WEED:-$(.venv/bin/python -c 'import shutil; print(shutil.which("weed", path=".venv/bin"))')}"
podman run -d --name iso-s3 --network-alias s3 "${hardened[@]}" --tmpfs "/data:rw,mode=1777,size=${S3_SIZE:-2g}" \
    --volume "$(realpath "$weed"):/usr/bin/weed:ro" --env "AWS_ACCESS_KEY_ID=$access" --env "AWS_SECRET_ACCESS_KEY=$secret" \
    "$base" weed "${args[@]}" >/dev/null
podman run -d --name iso-prefect --network-alias prefect "${hardened[@]}" --env "PREFECT_SERVER_API_AUTH_STRING=$auth" \
    --env PREFECT_HOME=/tmp/prefect --env PREFECT_SERVER_ANALYTICS_ENABLED=false --env DO_NOT_TRACK=1 \
    "$registry/flows:$version" prefect server start --host 0.0.0.0 --port 4200 >/dev/null
port=50051
for part in g2p trainer embedder metrics; do
    podman run -d --name "iso-$part" --network-alias "$part" "${hardened[@]}" --env-file "$work/settings" "${s3keys[@]}" \
        --env "ISOGLOSS_LISTEN=0.0.0.0:$port" --env ISOGLOSS_HEALTH_PORT=8081 --env ISOGLOSS_METRICS_PORT=9100 \
        --env OMP_NUM_THREADS=1 --env ISOGLOSS_TORCH_THREADS=1 "$registry/$part:$version" >/dev/null
    port=$((port + 1))
done
echo "containers are up after $SECONDS s"
podman run --rm --name iso-run "${hardened[@]}" --env-file "$work/settings" "${prefect[@]}" \
    --volume "$work/cron.json:/cron.json:ro" --entrypoint python "$registry/flows:$version" -c \
    'import json; from flows.cluster import *; prepare_server(job_template(json.load(open("/cron.json"))))' | tail -2
echo "prepared after $SECONDS s"
if [ -n "${KILL:-}" ]; then
    (
        until podman logs iso-run 2>&1 | grep -q 'train '; do sleep 1; done
        sleep 5
        podman kill --signal KILL "iso-$KILL" >/dev/null && sleep 1 && podman start "iso-$KILL" >/dev/null
        echo "killed and restarted $KILL"
    ) &
fi
start=$SECONDS code=0
podman run --name iso-run "${hardened[@]}" --env-file "$work/settings" "${s3keys[@]}" "${prefect[@]}" \
    --env ISOGLOSS_STATE_DIR=/tmp/state --env ISOGLOSS_REPORTS_DIR=/tmp/reports --env ISOGLOSS_RUN_KEY=run-1 \
    "$registry/flows:$version" flows.cluster run full >"$work/run.log" 2>&1 || code=$?
tail -5 "$work/run.log"
echo "the run ended with $code after $((SECONDS - start)) s"
mkdir -p .isogloss/cluster && cp "$work/run.log" .isogloss/cluster/run.log
podman rm iso-run >/dev/null
podman run --rm --name iso-run "${hardened[@]}" --env-file "$work/settings" "${s3keys[@]}" "$registry/flows:$version" \
    flows.cluster report >.isogloss/cluster/report.tar && echo "report: .isogloss/cluster/report.tar"
exit "$code"
