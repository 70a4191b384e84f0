"""The run on Kubernetes: `python -m flows.cluster …`, in the pods of deploy/k8s.

What a run's pod is, is written once: in the suspended CronJob `replicate-full`. `kubectl create job --from`
copies it, and `job_template` makes the work pool's job template of it: Prefect's UI starts the same pod.
"""
