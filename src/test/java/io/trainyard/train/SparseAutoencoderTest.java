package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The cost that MATLAB's trainAutoencoder minimizes is {@code sse} with {@code l2} of half its
 * lambda and the sparsity term: its values over epochs of gradient descent follow a reference whose
 * gradient is written by hand.
 */
class SparseAutoencoderTest {
  private static final JsonNode GOLDEN = Golden.read("sparse_autoencoder.json");

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void costsFollowTheReference(int number) {
    JsonNode expected = GOLDEN.at("/cases").get(number);
    String regularizer = "'regularizer':{'l2':" + expected.get("lambda").asDouble() / 2;
    String sparsity =
        expected.get("beta").asDouble() == 0
            ? ""
            : ",'sparsity':{'weight':%s,'proportion':%s}"
                .formatted(expected.get("beta"), expected.get("rho"));
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'r':{'input':'x'}},'network':"
            + "{'layers':[{'type':'dense','name':'h','units':3,'activation':'sigmoid',"
            + regularizer
            + sparsity
            + "}},{'type':'dense','name':'o','units':5,"
            + regularizer
            + "}}]}}";
    HostTensor x = Golden.tensor(GOLDEN.get("x"));
    int rows = x.shape().axis(0);
    Recorder recorder = new Recorder();
    var _ =
        Trainings.run(
                model,
                "{'loss':'sse','epochs':%d,'batch_size':%d,'shuffle':false,"
                        .formatted(expected.get("costs").size(), rows)
                    + "'optimizer':{'type':'sgd','learning_rate':%s}}"
                        .formatted(GOLDEN.get("rate")),
                new Subset(rows, Map.of("x", x), Map.of()))
            .startingFrom(Golden.tensors(GOLDEN.get("weights")))
            .finish(recorder);
    List<EpochRecord> epochs = recorder.epochs;
    assertThat(epochs).hasSize(expected.get("costs").size());
    for (int i = 0; i < epochs.size(); i++) {
      double cost = expected.get("costs").get(i).asDouble();
      assertThat(Trainings.value(epochs.get(i), "loss"))
          .as("cost of epoch %d", i + 1)
          .isCloseTo(cost, within(2e-4 * cost));
    }
  }
}
