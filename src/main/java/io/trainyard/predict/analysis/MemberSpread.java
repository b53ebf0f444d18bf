package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.predict.Computation;
import io.trainyard.predict.LoadedModel;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * How much the members of an ensemble differ: the standard deviation of what each says of a row,
 * where each counts as in the mean. It divides by their number.
 */
final class MemberSpread implements Analysis.OfRows {
  private final Encoding encoding;
  private final Map<String, SampleMoments> moments = new LinkedHashMap<>();

  private MemberSpread(Encoding encoding) {
    this.encoding = encoding;
  }

  /** Null for a version that is no ensemble, or that predicts tensors. */
  static @Nullable MemberSpread of(Computation computation) {
    LoadedModel model = computation.model();
    Encoding encoding = DropoutSamples.withTargets(model);
    int members = model.members();
    if (encoding == null || members == 1) {
      return null;
    }
    computation.reserve(model.rowCost().outputBytes() / Bytes.FLOAT * 2 * Double.BYTES, "spread");
    MemberSpread spread = new MemberSpread(encoding);
    List<Integer> weights = model.memberWeights();
    int before = 0;
    for (int member = 0; member < members; member++) {
      spread.add(member, before, weights.get(member), computation.outputs(), computation.rows());
      before += weights.get(member);
    }
    return spread;
  }

  /**
   * @param before how often the members before count together
   * @param weight how often this one counts
   */
  private void add(int member, int before, int weight, Map<String, HostTensor> outputs, int rows) {
    Map<String, HostTensor> own = new LinkedHashMap<>();
    for (var target : encoding.targets().values()) {
      own.put(
          target.output(),
          Objects.requireNonNull(outputs.get(NetworkMembers.layer(member, target.output()))));
    }
    for (String target : encoding.targets().keySet()) {
      HostTensor values = ToldNumbers.of(encoding, target, own, rows);
      int width = Math.toIntExact(values.shape().row().elements());
      SampleMoments all =
          moments.computeIfAbsent(target, _ -> new SampleMoments(values, rows, width));
      for (int row = 0; row < rows; row++) {
        for (int i = 1; i <= weight; i++) {
          all.add(row, before + i, values, (long) row * width);
        }
      }
    }
  }

  @Override
  public List<String> members() {
    return List.of(DropoutSamples.MEMBER);
  }

  @Override
  public void addTo(int row, ObjectNode prediction) {
    ObjectNode uncertainty = prediction.putObject(DropoutSamples.MEMBER);
    moments.forEach(
        (name, own) ->
            uncertainty
                .putObject(name)
                .set("std", ToldNumbers.json(encoding, name, own, own.std(row))));
  }
}
