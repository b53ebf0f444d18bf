package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.ServiceException;
import io.trainyard.json.StrictJson;
import io.trainyard.predict.Computation;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.analysis.AnalysisRequest.Sampling;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Mean and standard deviation of predictions with dropout masks: MC dropout. The deviation divides
 * by the number of samples. Source: Gal and Ghahramani 2016.
 */
final class DropoutSamples implements Analysis.OfRows {
  static final String MEMBER = "uncertainty";

  /** Two numbers of 64 bits for each element. */
  private static final int BYTES = 16;

  private final Computation computation;
  private final @Nullable Encoding encoding;
  private final Map<String, SampleMoments> moments = new LinkedHashMap<>();

  private DropoutSamples(Computation computation) {
    this.computation = computation;
    this.encoding = withTargets(computation.model());
  }

  static @Nullable Encoding withTargets(LoadedModel model) {
    Encoding encoding = model.definition().encoding();
    return encoding == null || encoding.targets().isEmpty() ? null : encoding;
  }

  static DropoutSamples sample(Sampling sampling, Computation computation) {
    LoadedModel model = computation.model();
    NetworkSpec network = model.definition().spec().network();
    ForwardPlan plan = ForwardPlan.of(network, network.outputs());
    List<Layer> layers = network.layers();
    boolean any = false;
    for (int i = 0; i < layers.size() && !any; i++) {
      any = plan.needs(i) && layers.get(i).spec().isSampled();
    }
    if (!any) {
      throw ServiceException.invalid(
          "/samples",
          "The network has no dropout, spatial_dropout or gaussian_noise on the way to its outputs,"
              + " nor dropout between recurrent layers, so all samples would be the same");
    }
    DropoutSamples all = new DropoutSamples(computation);
    RowCost one = model.rowCost();
    RowCost masked =
        new RowCost(
            Bytes.multiply(one.bytes(), 2),
            one.multiplyAdds(),
            one.inputBytes(),
            one.outputBytes());
    computation.reserve(one.outputBytes() / Bytes.FLOAT * BYTES, "spread");
    int samples = sampling.samples();
    computation.each(
        (long) computation.rows() * samples,
        masked,
        (sampled, from, count, stopped) ->
            all.add(
                sampled.sample(
                    repeated(computation.inputs(), from, count, samples),
                    network.outputs(),
                    sampling.seed() * 31 + from,
                    stopped),
                from,
                count,
                samples));
    return all;
  }

  /** Rows of the work: each row of the request comes as often as it is computed. */
  static Map<String, HostTensor> repeated(
      Map<String, HostTensor> inputs, long from, int count, int each) {
    Map<String, HostTensor> rows = new LinkedHashMap<>();
    inputs.forEach(
        (name, all) -> {
          HostTensor copy = HostTensor.allocate(all.type(), all.shape().row().batched(count));
          long bytes = copy.bytes() / count;
          for (int i = 0; i < count; i++) {
            int row = (int) ((from + i) / each);
            copy.data().asSlice(i * bytes, bytes).copyFrom(all.data().asSlice(row * bytes, bytes));
          }
          rows.put(name, copy);
        });
    return rows;
  }

  private void add(Map<String, HostTensor> outputs, long from, int count, int samples) {
    if (encoding == null) {
      outputs.forEach((name, values) -> add(name, values, from, count, samples));
      return;
    }
    for (String target : encoding.targets().keySet()) {
      HostTensor values =
          switch (encoding.decodeTarget(target, outputs, count)) {
            case TargetEncoding.Decoded.Numbers(HostTensor numbers, _) -> numbers;
            case TargetEncoding.Decoded.Labels(_, HostTensor probabilities, _)
                when probabilities != null ->
                probabilities;
            case TargetEncoding.Decoded.Labels _ -> margins(target, encoding, outputs);
          };
      add(target, values, from, count, samples);
    }
  }

  /** A class without probabilities has the number that decides it. */
  private static HostTensor margins(
      String target, Encoding encoding, Map<String, HostTensor> outputs) {
    TargetEncoding own = Objects.requireNonNull(encoding.targets().get(target));
    return Objects.requireNonNull(outputs.get(own.output()));
  }

  private void add(String name, HostTensor values, long from, int count, int samples) {
    int width = Math.toIntExact(values.shape().row().elements());
    SampleMoments own =
        moments.computeIfAbsent(name, _ -> new SampleMoments(values, computation.rows(), width));
    for (int i = 0; i < count; i++) {
      int row = (int) ((from + i) / samples);
      own.add(row, (from + i) % samples + 1, values, (long) i * width);
    }
  }

  @Override
  public List<String> members() {
    return List.of(MEMBER);
  }

  @Override
  public void addTo(int row, ObjectNode prediction) {
    ObjectNode uncertainty = prediction.putObject(MEMBER);
    moments.forEach(
        (name, own) -> {
          ObjectNode spread = uncertainty.putObject(name);
          spread.set("mean", json(name, own, own.mean(row)));
          spread.set("std", json(name, own, own.std(row)));
        });
  }

  private JsonNode json(String name, SampleMoments own, double[] numbers) {
    TargetEncoding target = encoding == null ? null : encoding.targets().get(name);
    return switch (target) {
      case TargetEncoding.ClassTarget labels when labels.scores().hasProbabilities() ->
          ColumnNumbers.byName(labels.classes(), numbers);
      case TargetEncoding.NumberTarget(String _, InputEncoding columns, _) ->
          columns.columns().size() == 1
              ? ColumnNumbers.of(columns, numbers, false).get(columns.columns().getFirst().column())
              : ColumnNumbers.of(columns, numbers, false);
      case TargetEncoding.InputTarget(String _, String input) ->
          ColumnNumbers.of(
              Objects.requireNonNull(Objects.requireNonNull(encoding).inputs().get(input)),
              numbers,
              false);
      case TargetEncoding.RawTarget _ when numbers.length == 1 -> StrictJson.number(numbers[0]);
      case TargetEncoding.ClassTarget _, TargetEncoding.RawTarget _, TargetEncoding.LayerTarget _ ->
          ColumnNumbers.nested(own.like.shape().row(), numbers);
      case null -> ColumnNumbers.nested(own.like.shape().row(), numbers);
    };
  }
}
