package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Ensembles in one network: each member has its own loss, and the mean of them is measured. */
class EnsembleTrainingTest {
  static List<JsonNode> curves() {
    return Golden.read("ensembles.json").get("curves").valueStream().toList();
  }

  @ParameterizedTest
  @MethodSource("curves")
  void lossesFollowPyTorch(JsonNode curve) {
    String name = curve.get("name").stringValue();
    boolean numbers = name.contains("numbers");
    int units = curve.get("units").intValue();
    HostTensor x = Golden.tensor(curve.get("x"));
    HostTensor y = Golden.tensor(curve.get("y"));
    HostTensor weights =
        curve.get("row_weights").isNull() ? null : Golden.tensor(curve.get("row_weights"));
    Subset rows = new Subset(x.shape().axis(0), Map.of("x", x), Map.of("y", y), weights);
    Recorder recorder = new Recorder();

    Trainings.run(
            """
            {"name": "m", "inputs": {"x": {"columns": ["c0", "c1", "c2", "c3"]}},
             "targets": {"y": {"column": "t"}}, "network": {"layers": [
               {"type": "ensemble_dense", "name": "a", "units": 6, "members": 3, "activation": "relu"},
               {"type": "ensemble_dense", "name": "b", "units": %d, "members": 3, "shared": false,
                "activation": "%s"},
               {"type": "average_members"}]}}
            """
                .formatted(units, numbers ? "linear" : units == 1 ? "sigmoid" : "softmax"),
            """
            {"loss": "%s", %s "epochs": 3, "batch_size": 4, "shuffle": false, "seed": 1,
             "optimizer": {"type": "sgd", "learning_rate": 0.1}}
            """
                .formatted(
                    numbers
                        ? "mse"
                        : name.startsWith("focal") ? "focal" : "categorical_crossentropy",
                    weights == null ? "" : "\"sample_weight\": \"w\","),
            rows,
            rows)
        .startingFrom(Golden.tensors(curve.get("weights")))
        .finish(recorder);

    for (int i = 0; i < 3; i++) {
      assertThat(Trainings.value(recorder.epochs.get(i), "loss"))
          .as("loss of epoch %d", i + 1)
          .isCloseTo(curve.get("losses").get(i).asDouble(), Offset.offset(1e-5));
      assertThat(Trainings.value(recorder.epochs.get(i), "val_loss"))
          .as("val_loss of epoch %d", i + 1)
          .isCloseTo(curve.get("after").get(i).asDouble(), Offset.offset(1e-5));
    }
  }
}
