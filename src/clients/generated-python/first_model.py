"""A first model with the client that openapi-generator makes for Python.

    curl -s localhost:8080/v3/api-docs -o openapi.json
    openapi-generator-cli generate -i openapi.json -g python -o client \
        --package-name trainyard_client

The hand-written client for notebooks is another one: trainyard.py.
"""

import random
import sys
import urllib.request

from trainyard_client import (
    Activation,
    ApiClient,
    ApiException,
    Configuration,
    DatasetSelection,
    DatasetsApi,
    DenseLayer,
    Input,
    Job,
    JobToValidate,
    JobsApi,
    Layer,
    Loss,
    Model,
    ModelOrName,
    ModelsApi,
    Network,
    Optimizer,
    OptimizerObject,
    Predict,
    PredictApi,
    Problem,
    Target,
    Training,
)


def rows() -> str:
    drawn = random.Random(1)
    lines = ["x,y,side"]
    for _ in range(200):
        x, y = drawn.random(), drawn.random()
        lines.append(f"{x},{y},{'above' if x + y > 1 else 'below'}")
    return "\n".join(lines) + "\n"


def dense(units: int, activation: str) -> Layer:
    return Layer(DenseLayer(type="dense", units=units, activation=Activation(activation)))


def model() -> ModelOrName:
    return ModelOrName(
        Model(
            name="sides-py",
            inputs={"point": Input(columns=["x", "y"])},
            targets={"side": Target(column="side")},
            network=Network(layers=[dense(8, "tanh"), dense(2, "softmax")]),
        )
    )


def training() -> Training:
    return Training(
        loss=Loss("categorical_crossentropy"),
        optimizer=Optimizer(OptimizerObject(type="adam", learning_rate=0.05)),
        epochs=40,
        batch_size=20,
        seed=1,
    )


def follow(address: str, job: str) -> int:
    """The epochs as they end; the generated call gives the events when the job has ended."""
    with urllib.request.urlopen(f"{address}/v1/jobs/{job}/events") as events:
        return sum(line.strip() == b"event: epoch" for line in events)


def main(address: str) -> None:
    with ApiClient(Configuration(host=address)) as client:
        jobs = JobsApi(client)
        dataset = DatasetsApi(client).upload_dataset("sides-py", rows())
        print(f"uploaded {dataset.rows} rows")

        selection = DatasetSelection(name="sides-py")
        validation = ModelsApi(client).validate_model(
            JobToValidate(model=model(), dataset=selection, training=training())
        )
        print(f"valid: {str(validation.valid).lower()}, {validation.summary.parameters} parameters")

        job = jobs.submit_job(Job(model=model(), dataset=selection, training=training()))
        print(f"followed {follow(address, job.id)} epochs")

        done = jobs.read_job(job.id, wait=30)
        print(f"{done.state.value}: version {done.result.version}")

        evaluation = jobs.read_evaluation(job.id)
        print(f"confusion of {', '.join(evaluation.confusion['side'].classes)}")

        answer = PredictApi(client).predict(
            "sides-py", Predict(instances=[{"x": 0.9, "y": 0.8}])
        )
        print(f"predicted {answer.predictions[0]['side']}")

        try:
            jobs.read_job("none")
        except ApiException as error:
            assert isinstance(error.data, Problem)
            print(f"problem {error.data.status} {error.data.code.value}")

        ModelsApi(client).delete_model("sides-py")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080")
