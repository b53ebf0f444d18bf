package io.trainyard.spec;

import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An ensemble as one network: networks side by side, each with weights of its own, and the mean of
 * each output under the output's name. They have the same inputs and outputs; of a sweep they may
 * have other layers between them, and count more or less.
 */
public final class NetworkMembers {
  /** The member of a network that counts them, and the name before their layers' names. */
  public static final String NAME = "members";

  private static final Pattern FIRST = Pattern.compile("(.*/)?" + NAME + "/0/[^/]+(/.*)?");
  private static final Pattern INNER = Pattern.compile(NAME + "/([0-9]+)/.*");

  private NetworkMembers() {}

  /**
   * A network among those that answer together.
   *
   * @param weight how often it counts in the mean
   */
  public record CountedNetwork(NetworkSpec network, int weight) {
    /** Some copies of one network, which count the same. */
    public static List<CountedNetwork> copies(NetworkSpec one, int count, int weight) {
      return Collections.nCopies(count, new CountedNetwork(one, weight));
    }
  }

  /** The network of so many copies of one; a single one is the network itself. */
  public static NetworkSpec of(NetworkSpec one, int count) {
    return of(CountedNetwork.copies(one, count, 1));
  }

  /**
   * Networks side by side, with the inputs and the output names of the first. A mean reads a member
   * as often as it counts. A single network is that network itself.
   */
  public static NetworkSpec of(List<CountedNetwork> members) {
    NetworkSpec first = members.getFirst().network();
    if (members.size() == 1) {
      return first;
    }
    List<Layer> layers = new ArrayList<>();
    for (int member = 0; member < members.size(); member++) {
      NetworkSpec one = members.get(member).network();
      for (Layer layer : one.layers()) {
        layers.add(copy(layer, member, one));
      }
    }
    for (String output : first.outputs()) {
      List<String> averaged = new ArrayList<>();
      for (int member = 0; member < members.size(); member++) {
        averaged.addAll(Collections.nCopies(members.get(member).weight(), layer(member, output)));
      }
      layers.add(
          new Layer(
              output,
              new MergeSpec.Elementwise(MergeSpec.Operation.AVERAGE),
              averaged,
              true,
              null,
              first.layer(output).index()));
    }
    return new NetworkSpec(first.inputs(), first.inputNames(), layers, first.outputs());
  }

  /** How many layers the network of these members has. */
  public static long layers(List<CountedNetwork> members) {
    long own = members.stream().mapToLong(each -> each.network().layers().size()).sum();
    return own + members.getFirst().network().outputs().size();
  }

  /** How many inputs its layers have together. */
  public static long reads(List<CountedNetwork> members) {
    long outputs = members.getFirst().network().outputs().size();
    return members.stream()
        .mapToLong(
            each ->
                each.weight() * outputs
                    + each.network().layers().stream()
                        .mapToLong(layer -> layer.inputs().size())
                        .sum())
        .sum();
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

  /** How often each member counts in the means of a network; empty where it is no ensemble. */
  public static List<Integer> weights(NetworkSpec network) {
    Map<Integer, Integer> counts = new TreeMap<>();
    if (isMean(network.layer(network.outputs().getFirst()))) {
      network.layer(network.outputs().getFirst()).inputs().stream()
          .mapToInt(NetworkMembers::memberOf)
          .filter(member -> member >= 0)
          .forEach(member -> counts.merge(member, 1, Integer::sum));
    }
    return List.copyOf(counts.values());
  }

  /** The number of the member that a layer is of; -1: of none. */
  public static int memberOf(String layer) {
    Matcher inner = INNER.matcher(layer);
    return inner.matches() ? Integer.parseInt(inner.group(1)) : -1;
  }

  /** How many members a network has; 1 where it is no ensemble. */
  public static int count(NetworkSpec network) {
    return network.layers().stream()
        .mapToInt(layer -> memberOf(layer.name()) + 1)
        .filter(count -> count > 0)
        .max()
        .orElse(1);
  }
}
