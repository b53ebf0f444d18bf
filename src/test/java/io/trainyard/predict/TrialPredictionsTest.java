package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.json.StrictJson;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.tensor.HostTensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrialPredictionsTest {
  private static final String SPEC =
      """
      {"name": "m", "network": {"inputs": {"x": {"shape": [2]}},
        "layers": [{"type": "activation", "function": "relu", "name": "first"},
                   {"type": "activation", "function": "tanh", "name": "last"}]}}
      """;

  private final List<String> computed = new ArrayList<>();
  private final List<Float> numbers = new ArrayList<>();
  private boolean closed;
  private Duration limit = Duration.ofMinutes(1);
  private @Nullable RuntimeException fault;
  private AnswerRoute routes = (_, _, _) -> {};

  private final class Recorder implements LoadedNetwork {
    @Override
    public Map<String, HostTensor> forward(
        Map<String, HostTensor> inputs, List<String> outputs, BooleanSupplier stopped) {
      if (stopped.getAsBoolean()) {
        throw new CancellationException();
      }
      HostTensor x = Objects.requireNonNull(inputs.get("x"));
      computed.add(x.shape().axis(0) + " " + outputs);
      for (float number : x.toFloats()) {
        numbers.add(number);
      }
      if (fault != null) {
        throw fault;
      }
      return Map.of();
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private void prove() {
    var loader =
        new VersionLoader(
            new FakeModels().weights,
            (_, _, _) -> new Recorder(),
            (_, _, _) -> new Recorder(),
            (_, _, _) -> {});
    new TrialPredictions(loader, Runnable::run, limit, routes)
        .prove(
            new NewVersion(
                "m",
                StrictJson.parse(SPEC),
                null,
                StrictJson.parse("{}"),
                new Provenance.Imported(Map.of()),
                new StoredWeights("ab", 0),
                List.of()));
  }

  @Test
  void oneRowAndThreeRowsAreComputedForAllOutputs() {
    prove();

    assertThat(computed)
        .containsExactly("1 [last]", "1 [first, last]", "3 [last]", "3 [first, last]");
    assertThat(closed).isTrue();
  }

  /** Zeros would be answered by kernels that are wrong for everything else. */
  @Test
  void smallNumbersOfBothSignsAreComputed() {
    prove();

    assertThat(numbers).hasSize(2 * (1 * 2 + 3 * 2)).allMatch(x -> Math.abs(x) < 1);
    assertThat(numbers.subList(0, 2)).containsExactly(-0.375f, -0.25f);
    assertThat(numbers.subList(4, 10)).containsExactly(-0.375f, -0.25f, -0.125f, 0f, 0.125f, 0.25f);
  }

  @Test
  void aNetworkThatTakesTooLongIsRefused() {
    limit = Duration.ZERO;

    assertThatThrownBy(this::prove).hasMessageContaining("did not answer one row");
    assertThat(closed).isTrue();
  }

  @Test
  void aFaultIsTheCallersAndTheNetworkIsFreed() {
    fault = new IllegalStateException("no kernel for this");

    assertThatThrownBy(this::prove).isSameAs(fault);
    assertThat(closed).isTrue();
  }

  @Test
  void aVersionWhoseOutputsCannotBeAnsweredIsRefused() {
    routes =
        (_, _, rows) -> {
          throw new IllegalArgumentException("nothing for " + rows);
        };

    assertThatThrownBy(this::prove)
        .hasMessage("No prediction can be made of the outputs: nothing for 1");
    assertThat(closed).isTrue();
  }
}
