package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.Computation;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.analysis.AnalysisRequest.Sampling;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Mean and standard deviation of predictions with dropout masks: MC dropout. The deviation divides
 * by the number of samples. Source: Gal and Ghahramani 2016.
 */
final class DropoutSamples implements Analysis.OfRows {
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
      add(target, encoding.told(target, outputs, count), from, count, samples);
    }
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
    return List.of(Encoding.UNCERTAINTY);
  }

  @Override
  public void addTo(int row, ObjectNode prediction) {
    ObjectNode uncertainty = prediction.putObject(Encoding.UNCERTAINTY);
    moments.forEach(
        (name, own) -> {
          ObjectNode spread = uncertainty.putObject(name);
          Shape told = own.like.shape().row();
          spread.set("mean", ToldNumbers.json(encoding, name, told, own.mean(row)));
          spread.set("std", ToldNumbers.json(encoding, name, told, own.std(row)));
        });
  }
}
