package io.trainyard.spec;

import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * An ensemble as one network: copies of a network side by side, each with weights of its own, and
 * the mean of each output under the output's name.
 */
public final class NetworkMembers {
  /** The member of a network that counts them, and the name before their layers' names. */
  public static final String NAME = "members";

  private static final Pattern FIRST = Pattern.compile("(.*/)?" + NAME + "/0/[^/]+(/.*)?");
  private static final Pattern INNER = Pattern.compile(NAME + "/([0-9]+)/.*");

  private NetworkMembers() {}

  /** The network of so many copies of one; a single one is the network itself. */
  public static NetworkSpec of(NetworkSpec one, int count) {
    if (count == 1) {
      return one;
    }
    List<Layer> layers = new ArrayList<>();
    for (int member = 0; member < count; member++) {
      for (Layer layer : one.layers()) {
        layers.add(copy(layer, member, one));
      }
    }
    for (String output : one.outputs()) {
      List<String> averaged =
          IntStream.range(0, count).mapToObj(member -> layer(member, output)).toList();
      layers.add(
          new Layer(
              output,
              new MergeSpec.Elementwise(MergeSpec.Operation.AVERAGE),
              averaged,
              true,
              null,
              one.layer(output).index()));
    }
    return new NetworkSpec(one.inputs(), one.inputNames(), layers, one.outputs());
  }

  /** How many layers the network of so many copies of one has. */
  public static long layers(NetworkSpec one, int count) {
    return (long) count * one.layers().size() + one.outputs().size();
  }

  /** How many inputs its layers have together. */
  public static long reads(NetworkSpec one, int count) {
    long own = one.layers().stream().mapToLong(layer -> layer.inputs().size()).sum();
    return count * (own + one.outputs().size());
  }

  private static Layer copy(Layer layer, int member, NetworkSpec one) {
    String share = layer.share();
    return new Layer(
        layer(member, layer.name()),
        layer.spec(),
        layer.inputs().stream()
            .map(input -> one.inputNames().contains(input) ? input : layer(member, input))
            .toList(),
        layer.trainable(),
        share == null ? null : layer(member, share),
        layer.index());
  }

  /** The name of a member's layer; members count from 0. */
  public static String layer(int member, String layer) {
    return NestedSpec.name(NestedSpec.name(NAME, String.valueOf(member)), layer);
  }

  /** The name under which a member's tensor is stored: {@code members.3.fc1.weight}. */
  public static String stored(int member, String tensor) {
    return NestedSpec.stored(layer(member, tensor));
  }

  /** Whether a layer is the mean of the members' outputs, of this network or of a nested one. */
  static boolean isMean(Layer layer) {
    return layer.spec() instanceof MergeSpec.Elementwise(MergeSpec.Operation operation)
        && operation == MergeSpec.Operation.AVERAGE
        && FIRST.matcher(layer.inputs().getFirst()).matches();
  }

  /** How many members a network has; 1 where it is no ensemble. */
  public static int count(NetworkSpec network) {
    return network.layers().stream()
        .map(layer -> INNER.matcher(layer.name()))
        .filter(match -> match.matches())
        .mapToInt(match -> Integer.parseInt(match.group(1)) + 1)
        .max()
        .orElse(1);
  }
}
