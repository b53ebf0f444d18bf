package io.trainyard.predict;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.IndexRange;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Signature;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Predicts a few rows before anything is trained: encodes, computes and answers them as a request
 * does, with initial weights. A large network is not computed here; zeros of its outputs' shapes
 * are answered in its place.
 */
public final class Rehearsal {
  private static final long MOST_WEIGHTS = 1 << 20;
  private static final long MOST_MULTIPLY_ADDS = 10_000_000;
  private static final long MOST_BYTES = 4 << 20;

  private final NetworkLoader networks;
  private final Function<List<WeightSpec>, Map<String, HostTensor>> initialWeights;
  private final Executor compute;
  private final AnswerRoute routes;

  /**
   * @param compute runs work on a compute thread and returns when it is done
   * @param routes all ways in which predictions are answered
   */
  public Rehearsal(
      NetworkLoader networks,
      Function<List<WeightSpec>, Map<String, HostTensor>> initialWeights,
      Executor compute,
      AnswerRoute routes) {
    this.networks = networks;
    this.initialWeights = initialWeights;
    this.compute = compute;
    this.routes = routes;
  }

  /**
   * Predicts rows.
   *
   * @param definition with an encoding that has learned
   * @param instances a list of objects by column, as in a request
   * @return what fails, with its place in the model object; null when they are answered
   */
  public @Nullable Violation fault(VersionDefinition definition, JsonNode instances) {
    int rows = instances.size();
    Map<String, HostTensor> inputs;
    try {
      Encoding encoding = definition.encoding();
      if (encoding == null) {
        return null;
      }
      inputs = encoding.encode(instances, "/instances", 0);
      new IndexRange(definition.spec().network(), encoding).check(inputs, "/instances");
    } catch (ServiceException e) {
      String why = e.violations().isEmpty() ? e.detail() : e.violations().getFirst().detail();
      return new Violation(
          "/inputs", "The first rows of the dataset cannot be predicted later: " + why);
    }
    Map<String, HostTensor> outputs;
    try {
      outputs = outputs(definition, inputs, rows);
    } catch (ServiceException e) {
      return new Violation(
          "/network", "The first rows of the dataset cannot be computed: " + e.detail());
    }
    String fault = routes.fault(definition, outputs, rows);
    return fault == null ? null : new Violation("/targets", fault);
  }

  private Map<String, HostTensor> outputs(
      VersionDefinition definition, Map<String, HostTensor> inputs, int rows) {
    NetworkSpec network = definition.spec().network();
    RowCost cost = ForwardPlan.of(network, network.outputs()).cost(definition.shapes());
    List<WeightSpec> weights = definition.shapes().weights();
    boolean large =
        WeightSpec.elements(weights) > MOST_WEIGHTS
            || cost.multiplyAdds() > MOST_MULTIPLY_ADDS
            || cost.bytes() > MOST_BYTES;
    if (large) {
      Map<String, HostTensor> zeros = Signature.zeros(definition.signature().outputs(), rows);
      definition
          .spreads()
          .forEach(
              spread ->
                  spread
                      .outputs()
                      .forEach(
                          member ->
                              zeros.put(
                                  member, Objects.requireNonNull(zeros.get(spread.output())))));
      return zeros;
    }
    Map<String, HostTensor> initial = initialWeights.apply(weights);
    try (LoadedNetwork loaded = networks.smallest(network, definition.shapes(), initial)) {
      return forward(loaded, inputs, definition.outputsWithMembers());
    }
  }

  private Map<String, HostTensor> forward(
      LoadedNetwork network, Map<String, HostTensor> inputs, List<String> outputs) {
    AtomicReference<Map<String, HostTensor>> computed = new AtomicReference<>(Map.of());
    compute.execute(() -> computed.set(network.forward(inputs, outputs, () -> false)));
    return Objects.requireNonNull(computed.get());
  }
}
