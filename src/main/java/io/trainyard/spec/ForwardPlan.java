package io.trainyard.spec;

import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.AttentionSpec;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.spec.layer.RecurrentSpec;
import io.trainyard.spec.layer.TabularSpec;
import io.trainyard.tensor.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which layers are computed for the values that a caller wants, and after which layer each value is
 * no longer needed. Values are numbered by position: first the network's inputs, then its layers,
 * in order.
 */
public final class ForwardPlan {
  private static final String PRE_ACTIVATION = ":pre";
  private static final int NEVER = -1;
  private static final int[] NONE = {};

  /** An activation costs about as much per element as this many multiply-adds. */
  private static final int ADDS_PER_ELEMENT = 4;

  private final NetworkSpec network;
  private final Set<String> wanted;
  private final Map<String, Integer> positions;
  private final int[][] inputs;
  private final boolean[] needed;
  private final boolean[] beforeActivation;
  private final boolean[] behindPool;
  private final int[][] lastReads;

  private ForwardPlan(
      NetworkSpec network, Set<String> wanted, Map<String, Integer> positions, int[][] inputs) {
    this.network = network;
    this.wanted = wanted;
    this.positions = positions;
    this.inputs = inputs;
    boolean[] kept = new boolean[positions.size()];
    wanted.forEach(name -> kept[position(positions, layerOf(name))] = true);
    needed = needed(inputs, kept, network.inputNames().size());
    lastReads = lastReads(inputs, kept, needed);
    behindPool = behindPool(network, inputs, kept, needed);
    beforeActivation = new boolean[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      beforeActivation[i] = wanted.contains(network.layers().get(i).name() + PRE_ACTIVATION);
    }
  }

  /**
   * The plan for these values.
   *
   * @param wanted names of layers or inputs; {@code name:pre} is the value before the layer's
   *     activation
   */
  public static ForwardPlan of(NetworkSpec network, Collection<String> wanted) {
    Map<String, Integer> positions = new HashMap<>();
    network.inputNames().forEach(name -> positions.put(name, positions.size()));
    int first = positions.size();
    int[][] inputs = new int[network.layers().size()][];
    for (int i = 0; i < inputs.length; i++) {
      Layer layer = network.layers().get(i);
      inputs[i] = layer.inputs().stream().mapToInt(name -> position(positions, name)).toArray();
      positions.put(layer.name(), first + i);
    }
    return new ForwardPlan(network, new LinkedHashSet<>(wanted), positions, inputs);
  }

  /** The layer or input of a value's name: the name without {@code :pre}. */
  public static String layerOf(String value) {
    return isBeforeActivation(value)
        ? value.substring(0, value.length() - PRE_ACTIVATION.length())
        : value;
  }

  /** Whether a name means the value before the layer's activation. */
  public static boolean isBeforeActivation(String value) {
    return value.endsWith(PRE_ACTIVATION);
  }

  private static int position(Map<String, Integer> positions, String name) {
    Integer position = positions.get(name);
    if (position == null) {
      throw new IllegalArgumentException("there is no layer or input '" + name + "'");
    }
    return position;
  }

  private static boolean[] needed(int[][] inputs, boolean[] kept, int first) {
    boolean[] read = kept.clone();
    boolean[] needed = new boolean[inputs.length];
    for (int i = inputs.length - 1; i >= 0; i--) {
      needed[i] = read[first + i];
      for (int input : needed[i] ? inputs[i] : NONE) {
        read[input] = true;
      }
    }
    return needed;
  }

  private static int[][] lastReads(int[][] inputs, boolean[] kept, boolean[] needed) {
    boolean[] read = kept.clone();
    int[][] lastReads = new int[inputs.length][];
    for (int i = inputs.length - 1; i >= 0; i--) {
      List<Integer> last = new ArrayList<>();
      for (int input : needed[i] ? inputs[i] : NONE) {
        if (!read[input]) {
          read[input] = true;
          last.add(input);
        }
      }
      lastReads[i] = last.stream().mapToInt(Integer::intValue).toArray();
    }
    return lastReads;
  }

  private static boolean[] behindPool(
      NetworkSpec network, int[][] inputs, boolean[] kept, boolean[] needed) {
    int first = network.inputNames().size();
    int[] reads = new int[kept.length];
    boolean[] pooled = new boolean[kept.length];
    for (int i = 0; i < inputs.length; i++) {
      boolean isMaximum =
          network.layers().get(i).spec() instanceof PoolSpec.Window window
              && window.kind() == PoolSpec.Kind.MAX;
      for (int input : needed[i] ? inputs[i] : NONE) {
        reads[input]++;
        pooled[input] = isMaximum;
      }
    }
    boolean[] behindPool = new boolean[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      behindPool[i] =
          pooled[first + i]
              && reads[first + i] == 1
              && !kept[first + i]
              && isRelu(network.layers().get(i).spec().activation());
    }
    return behindPool;
  }

  /** A learned one may fall where its input rises, so that no maximum goes before it. */
  private static boolean isRelu(ActivationSpec activation) {
    return activation.function() == Function.RELU && !activation.learned();
  }

  /** Whether a layer, by index, must be computed. */
  public boolean needs(int layer) {
    return needed[layer];
  }

  /** Whether a layer's value before its activation is wanted, by the layer's index. */
  public boolean wantsBeforeActivation(int layer) {
    return beforeActivation[layer];
  }

  /**
   * Whether the ReLU of a layer, by index, is applied behind its only reader, a maximum over
   * windows. The values and gradients behind it are the same in both orders, and there are fewer
   * maxima than elements.
   */
  public boolean activatesBehindPool(int layer) {
    return behindPool[layer];
  }

  /** The positions of the values that no later layer reads and no caller wants. */
  public int[] lastReads(int layer) {
    return lastReads[layer].clone();
  }

  /**
   * What one row costs.
   *
   * @param bytes the most memory of values that live at the same time, inputs included
   * @param multiplyAdds work, other operations counted by their elements
   * @param inputBytes the encoded row
   * @param outputBytes the wanted values
   */
  public record RowCost(long bytes, long multiplyAdds, long inputBytes, long outputBytes) {}

  /** The cost of a row. A view counts as a copy, and keeps the memory that it views. */
  public RowCost cost(NetworkShapes shapes) {
    int first = network.inputNames().size();
    int[] heldUntil = heldUntil(first);
    long[] sizes = new long[first + inputs.length];
    long live = 0;
    for (int i = 0; i < first; i++) {
      String name = network.inputNames().get(i);
      sizes[i] = shapes.inputBytes(name);
      live = Bytes.add(live, sizes[i]);
    }
    long inputBytes = live;
    long most = live;
    long work = 0;
    long[] freed = new long[inputs.length + 1];
    for (int i = 0; i < first; i++) {
      free(freed, heldUntil[i], sizes[i]);
    }
    for (int i = 0; i < inputs.length; i++) {
      if (needed[i]) {
        LayerShape shape = shapes.layer(network.layers().get(i).name());
        sizes[first + i] = bytesOf(i, shape);
        live = Bytes.add(live, sizes[first + i]);
        most = Math.max(most, Bytes.add(live, temporary(shape)));
        work = Bytes.add(work, work(shape));
        free(freed, heldUntil[first + i], sizes[first + i]);
      }
      live -= freed[i];
    }
    long outputs = outputBytes(shapes);
    // Wanted values are copied to the caller's memory.
    return new RowCost(Math.max(most, Bytes.add(live, outputs)), work, inputBytes, outputs);
  }

  /**
   * The cost of a row with the gradients of its inputs: every value is kept until its gradient is
   * known.
   */
  public RowCost gradientCost(NetworkShapes shapes) {
    RowCost forward = cost(shapes);
    long bytes = Bytes.multiply(forward.inputBytes(), 2);
    for (int i = 0; i < inputs.length; i++) {
      if (needed[i]) {
        LayerShape shape = shapes.layer(network.layers().get(i).name());
        bytes = Bytes.add(bytes, Bytes.multiply(Bytes.add(bytesOf(i, shape), temporary(shape)), 2));
      }
    }
    return new RowCost(
        bytes,
        Bytes.multiply(forward.multiplyAdds(), 3),
        forward.inputBytes(),
        forward.inputBytes());
  }

  private static void free(long[] freed, int after, long bytes) {
    if (after != NEVER && after < freed.length) {
      freed[after] = Bytes.add(freed[after], bytes);
    }
  }

  private long outputBytes(NetworkShapes shapes) {
    long bytes = 0;
    for (String name : wanted) {
      bytes = Bytes.add(bytes, Bytes.ofFloats(shapes.of(layerOf(name)).elements()));
    }
    return bytes;
  }

  /** The value of a layer, and a second one where the value before the activation is wanted. */
  private long bytesOf(int layer, LayerShape shape) {
    long bytes = shape.outputBytes();
    if (network.layers().get(layer).spec() instanceof LambdaSpec) {
      bytes = Bytes.add(bytes, shape.workspaceBytes()); // its value may be a view of an inner one
    }
    return wantsBeforeActivation(layer) ? Bytes.add(bytes, bytes) : bytes;
  }

  /** Inner values, the value before the activation, and a copy of the inputs in another layout. */
  private static long temporary(LayerShape shape) {
    long elements = shape.output().elements();
    for (var input : shape.inputs()) {
      elements = Bytes.add(elements, input.elements());
    }
    return Bytes.add(Bytes.ofFloats(elements), shape.workspaceBytes());
  }

  private static long work(LayerShape shape) {
    return Bytes.add(
        shape.multiplyAdds(),
        Bytes.multiply(
            shape.output().elements() + shape.workspaceBytes() / Bytes.FLOAT, ADDS_PER_ELEMENT));
  }

  /** By position, the layer after which the memory is free; the layer count: not before the end. */
  private int[] heldUntil(int first) {
    int[] until = new int[first + inputs.length];
    Arrays.fill(until, NEVER);
    wanted.forEach(name -> until[position(positions, layerOf(name))] = inputs.length);
    for (int i = inputs.length - 1; i >= 0; i--) {
      Layer layer = network.layers().get(i);
      int released = mayView(layer) ? Math.max(i, until[first + i]) : i;
      for (int input : needed[i] ? inputs[i] : NONE) {
        until[input] = Math.max(until[input], released);
      }
    }
    return until;
  }

  /** Whether a layer's value may be a view of its input's memory. */
  private static boolean mayView(Layer layer) {
    return switch (layer.spec()) {
      case RearrangementSpec _, NestedSpec _, LambdaSpec _, NoiseSpec _, AugmentationSpec _ -> true;
      case CoreSpec.Activation activation -> activation.activation().function() == Function.LINEAR;
      case CoreSpec.Dense _ -> false;
      case CoreSpec.Dropout _, CoreSpec.Flatten _ -> true;
      case RecurrentSpec recurrent -> !recurrent.returnSequences();
      case ConvolutionSpec _,
          PoolSpec _,
          NormSpec _,
          AttentionSpec _,
          EmbeddingSpec _,
          LayerSpec.Foreign _,
          ElementwiseSpec _,
          TabularSpec _,
          MergeSpec _ ->
          false;
    };
  }
}
