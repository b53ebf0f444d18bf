package io.trainyard.spec.check;

import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.spec.layer.RecurrentSpec;
import io.trainyard.spec.layer.TabularSpec;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Advice for an output whose shape is not its target's: a forgotten flatten, or another number of
 * units.
 */
record ShapeAdvice(TrainedOutput trained, Shape expected) {
  /** Text to append to the fault: starts with "; ", or is "" when there is no advice. */
  String text() {
    Layer layer = trained.layer();
    if (layer.spec() instanceof TabularSpec.EnsembleDense
        && expected.rank() == trained.shape().rank() - 1) {
      return "; add {\"type\": \"average_members\"} behind '%s'".formatted(layer.name());
    }
    if (expected.rank() == 1 && trained.shape().rank() > 1) {
      return lastLayerThat(ShapeAdvice::givesSequences)
          .map(
              recurrent ->
                  "; set \"return_sequences\" of '%s' to false, or add {\"type\": \"last_step\"} before '%s'"
                      .formatted(recurrent.name(), layer.name()))
          .orElseGet(() -> withoutAxes(layer));
    }
    boolean units = layer.spec() instanceof CoreSpec.Dense;
    boolean sameAxes = expected.rank() >= 1 && expected.rank() == trained.shape().rank();
    return units && sameAxes && expected.dims().subList(0, expected.rank() - 1).equals(leading())
        ? "; set 'units' to " + expected.last()
        : "";
  }

  private List<Integer> leading() {
    return trained.shape().dims().subList(0, trained.shape().rank() - 1);
  }

  private String withoutAxes(Layer layer) {
    boolean image = lastLayerThat(ShapeAdvice::hasChannels).isPresent();
    return "; add {\"type\": \"flatten\"}%s before '%s'"
        .formatted(image ? " or {\"type\": \"global_avg_pool\"}" : "", layer.name());
  }

  private static boolean givesSequences(LayerSpec spec) {
    return spec instanceof RecurrentSpec recurrent && recurrent.returnSequences();
  }

  private static boolean hasChannels(LayerSpec spec) {
    return spec instanceof ConvolutionSpec || spec instanceof PoolSpec;
  }

  /** The nearest layer before the output on the way of first inputs. */
  private Optional<Layer> lastLayerThat(Predicate<LayerSpec> wanted) {
    NetworkSpec network = trained.check().model().network();
    Layer at = trained.layer();
    for (int steps = 0; steps < network.layers().size(); steps++) {
      if (wanted.test(at.spec())) {
        return Optional.of(at);
      }
      String before = at.inputs().getFirst();
      if (network.layers().stream().noneMatch(layer -> layer.name().equals(before))) {
        break;
      }
      at = network.layer(before);
    }
    return Optional.empty();
  }
}
