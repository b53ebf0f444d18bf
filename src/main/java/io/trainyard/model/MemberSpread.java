package io.trainyard.model;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * How much the members of an ensemble differ about a target: the standard deviation of what each
 * says of a row, where each counts as in the mean. It divides by their number.
 *
 * @param target of numbers, or of a class: then its probabilities, or the number that decides it
 * @param output of the network that predicts it
 * @param row the shape of a row's deviations
 * @param weights how often each member counts
 */
public record MemberSpread(String target, String output, Shape row, List<Integer> weights) {
  /** Those of all targets; none for a version that is no ensemble, or that predicts tensors. */
  static List<MemberSpread> of(VersionDefinition model) {
    NetworkSpec network = model.spec().network();
    List<Integer> weights = NetworkMembers.weights(network);
    Encoding encoding = model.encoding();
    List<MemberSpread> all = new ArrayList<>();
    if (encoding != null && weights.size() > 1) {
      encoding
          .targets()
          .forEach(
              (name, target) ->
                  all.add(new MemberSpread(name, target.output(), row(target, model), weights)));
    }
    return all;
  }

  private static Shape row(TargetEncoding target, VersionDefinition model) {
    return target instanceof TargetEncoding.ClassTarget labels && labels.scores().hasProbabilities()
        ? Shape.of(labels.classes().size())
        : model.row(target);
  }

  /** The members' outputs, of which it is computed. */
  public List<String> outputs() {
    return IntStream.range(0, weights.size())
        .mapToObj(member -> NetworkMembers.layer(member, output))
        .toList();
  }

  /**
   * The deviations of all rows, row by row, by Welford's running sums.
   *
   * @param computed the members' outputs by name, [rows, ...]
   */
  public double[] std(Encoding encoding, Map<String, HostTensor> computed, int rows) {
    double[] means = new double[Math.toIntExact(rows * row.elements())];
    double[] squares = new double[means.length];
    int counted = 0;
    for (int member = 0; member < weights.size(); member++) {
      String own = NetworkMembers.layer(member, output);
      HostTensor values =
          encoding.told(
              target, Map.of(output, Objects.requireNonNull(computed.get(own), own)), rows);
      for (int before = counted; counted < before + weights.get(member); ) {
        counted++;
        for (int i = 0; i < means.length; i++) {
          double off = values.doubleAt(i) - means[i];
          means[i] += off / counted;
          squares[i] += off * (values.doubleAt(i) - means[i]);
        }
      }
    }
    double[] std = new double[means.length];
    for (int i = 0; i < std.length; i++) {
      std[i] = Math.sqrt(squares[i] / counted);
    }
    return std;
  }

  /** As {@link #std}, as a tensor. */
  public HostTensor tensor(Encoding encoding, Map<String, HostTensor> computed, int rows) {
    double[] std = std(encoding, computed, rows);
    HostTensor tensor = HostTensor.allocate(ElementType.FLOAT32, row.batched(rows));
    for (int i = 0; i < std.length; i++) {
      tensor.setFloat(i, (float) std[i]);
    }
    return tensor;
  }
}
