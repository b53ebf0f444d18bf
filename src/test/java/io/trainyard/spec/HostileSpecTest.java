package io.trainyard.spec;

import static io.trainyard.spec.Specs.modelFaults;
import static io.trainyard.spec.Specs.networkText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hostile bodies get a quick and small answer. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class HostileSpecTest {

  @Test
  void oneHundredThousandLayersAreRefusedUnread() {
    String layers =
        String.join(",", Collections.nCopies(100_000, "{'type': 'dense', 'units': 'many'}"));

    assertThat(modelFaults(networkText("[4]", layers)))
        .containsExactly(
            "/network/layers: A list of 1 to 2000 layers was expected, got 100000 layers");
  }

  @Test
  void twoThousandLayersAreAllowed() {
    String layers = String.join(",", Collections.nCopies(2_000, "{'type': 'dense', 'units': 8}"));

    assertThat(Specs.shapes("[8]", layers).layers()).hasSize(2_000);
  }

  @Test
  void atMostOneHundredViolationsAreReported() {
    String layers = String.join(",", Collections.nCopies(2_000, "{'type': 'nothing'}"));

    assertThat(modelFaults(networkText("[4]", layers))).hasSize(100);
  }

  @Test
  void namesOfOneMegabyteAreNotRepeated() {
    String name = "n".repeat(1 << 20);

    assertThat(
            modelFaults(
                networkText(
                    "[4]",
                    "{'type': 'dense', 'units': 1, 'name': '" + name + "'}",
                    "{'type': '" + name + "'}",
                    "{'type': 'dense', 'units': 1, 'inputs': ['"
                        + name
                        + "'], 'share': '"
                        + name
                        + "'}")))
        .isNotEmpty()
        .allMatch(fault -> fault.length() < 1_000);
    assertThat(modelFaults("{'" + "m".repeat(40_000) + "': 1}"))
        .allMatch(fault -> fault.length() < 1_000);
  }

  @Test
  void deepNestingIsRefused() {
    assertThatThrownBy(() -> Specs.json("[".repeat(1_000_000)))
        .isInstanceOfSatisfying(
            ServiceException.class,
            fault -> assertThat(fault.code()).isEqualTo(ErrorCode.MALFORMED_BODY));
  }

  @Test
  void anyValueInAnyPlaceIsAFaultNotACrash() {
    for (String odd :
        new String[] {
          "null",
          "1",
          "'x'",
          "[]",
          "{}",
          "true",
          "-1",
          "1.5",
          "1e300",
          "[null]",
          "[[]]",
          "[{}]",
          "{'': {}}",
          "''",
          "99999999999999999999999",
          "9223372036854775808",
          "[1, 2]",
          "['a', 1]"
        }) {
      for (String place :
          new String[] {"name", "inputs", "targets", "network", "outputs", "layers"}) {
        String text =
            place.equals("outputs") || place.equals("layers")
                ? "{'name': 'm', 'network': {'inputs': {'x': {'shape': [2]}}, '%s': %s}}"
                : "{'%s': %s}";
        assertThat(modelFaults(text.formatted(place, odd))).as("%s: %s", place, odd).isNotEmpty();
      }
      for (String member :
          new String[] {
            "type",
            "name",
            "inputs",
            "trainable",
            "share",
            "units",
            "activation",
            "bias",
            "initializer",
            "bias_initializer",
            "regularizer",
            "rate",
            "function"
          }) {
        for (String type : new String[] {"dense", "activation", "dropout", "flatten"}) {
          String layer =
              member.equals("type")
                  ? "{'type': %s}".formatted(odd)
                  : "{'type': '%s', '%s': %s}".formatted(type, member, odd);
          assertThat(modelFaults(networkText("[2]", layer))).isNotNull();
        }
      }
      for (String member :
          new String[] {"columns", "column", "shape", "encode", "unknown", "scale", "impute"}) {
        assertThat(modelFaults("{'name': 'm', 'inputs': {'x': {'%s': %s}}}".formatted(member, odd)))
            .isNotEmpty();
      }
      for (String member :
          new String[] {
            "column", "columns", "input", "layer", "output", "type", "classes", "offset", "shape"
          }) {
        // Without a network, a recipe writes it: some of these are right.
        assertThat(
                modelFaults("{'name': 'm', 'targets': {'t': {'%s': %s}}}".formatted(member, odd)))
            .isNotNull();
      }
      for (String member :
          new String[] {
            "loss",
            "losses",
            "loss_weights",
            "optimizer",
            "epochs",
            "batch_size",
            "seed",
            "shuffle",
            "metrics",
            "monitor",
            "publish",
            "early_stopping",
            "gradient_clipping",
            "time_limit_seconds"
          }) {
        String loss = member.equals("loss") ? "" : "'loss': 'mse', ";
        assertThat(Specs.trainingFaults("{%s'%s': %s}".formatted(loss, member, odd))).isNotNull();
      }
    }
  }
}
