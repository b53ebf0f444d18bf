package io.trainyard.spec;

import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An image whose channels seem to be at the other end than a convolution or pool takes them from.
 *
 * @param input the network's input
 * @param shape its row
 * @param reader the layer that reads it
 * @param read the format in which the layer reads it
 */
public record SwappedChannels(String input, Shape shape, String reader, DataFormat read) {
  /** Grey, colours, and colours with a mask. */
  private static final Set<Integer> CHANNELS = Set.of(1, 3, 4);

  /** Anything smaller is hardly an image. */
  private static final int MIN_LENGTH = 5;

  /** Goes through a network's layers in their order, and knows which input each of them reads. */
  public static final class Search {
    private final Map<String, Shape> inputs;
    private final boolean throughWindows;
    private final Map<String, String> sources = new HashMap<>();

    /**
     * @param inputs the row shapes of the network's inputs
     * @param throughWindows whether a layer reads the input also behind other convolutions and
     *     pools, or only behind layers that keep its axes
     */
    public Search(Map<String, Shape> inputs, boolean throughWindows) {
      this.inputs = inputs;
      this.throughWindows = throughWindows;
      inputs.keySet().forEach(name -> sources.put(name, name));
    }

    /** The mistake of the next layer. */
    public Optional<SwappedChannels> next(Layer layer) {
      String source = layer.inputs().size() == 1 ? sources.get(layer.inputs().getFirst()) : null;
      if (source == null) {
        return Optional.empty();
      }
      DataFormat read = format(layer.spec());
      if (keepsAxes(layer.spec()) || (throughWindows && read != null)) {
        sources.put(layer.name(), source);
      }
      Shape shape = inputs.get(source);
      return read == null || shape == null || isMeant(layer.spec(), read) || !isSwapped(shape, read)
          ? Optional.empty()
          : Optional.of(new SwappedChannels(source, shape, layer.name(), read));
    }
  }

  /** What is wrong and what to write instead. */
  public String advice() {
    boolean first = read == DataFormat.CHANNELS_LAST;
    String seen = "[channels, height, width]";
    String other = "[height, width, channels]";
    return "input '%s' is %s, which looks like %s, but '%s' reads %s: set \"data_format\": \"%s\" in the network"
        .formatted(
            input,
            shape,
            first ? seen : other,
            reader,
            first ? other : seen,
            first ? "channels_first" : "channels_last");
  }

  private static boolean keepsAxes(LayerSpec spec) {
    return switch (spec) {
      case CoreSpec.Activation _, CoreSpec.Dropout _, ElementwiseSpec _, NoiseSpec _, NormSpec _ ->
          true;
      case AugmentationSpec augmentation -> augmentation.isIdentity();
      default -> false;
    };
  }

  /** The format of a layer with a window over two axes. */
  private static @Nullable DataFormat format(LayerSpec spec) {
    return switch (spec) {
      case ConvolutionSpec convolution when convolution.window().axes() == 2 ->
          convolution.dataFormat();
      case AugmentationSpec augmentation -> augmentation.dataFormat();
      case PoolSpec.Window pool when pool.window().axes() == 2 -> pool.dataFormat();
      default -> null;
    };
  }

  /** A window that spans one element of the doubtful axis and more of the other is deliberate. */
  private static boolean isMeant(LayerSpec spec, DataFormat read) {
    List<Integer> size =
        switch (spec) {
          case ConvolutionSpec convolution -> convolution.window().size();
          case PoolSpec.Window pool -> pool.window().size();
          default -> List.of(1, 1);
        };
    int doubtful = read == DataFormat.CHANNELS_LAST ? 0 : 1;
    return size.get(doubtful) == 1 && size.get(1 - doubtful) > 1;
  }

  /** Whether an image has its channels where the format has no channels. */
  private static boolean isSwapped(Shape shape, DataFormat read) {
    DataFormat other =
        read == DataFormat.CHANNELS_LAST ? DataFormat.CHANNELS_FIRST : DataFormat.CHANNELS_LAST;
    return shape.rank() == 3
        && CHANNELS.contains(other.channels(shape))
        && other.spatial(shape).stream().allMatch(length -> length >= MIN_LENGTH);
  }
}
