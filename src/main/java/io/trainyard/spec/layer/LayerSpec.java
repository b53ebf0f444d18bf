package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Typed;
import io.trainyard.json.Word;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a layer computes; one record per type, one file per family. Each record knows its formula,
 * how it is read and its shapes; {@link LayerTypes} lists them, {@code engine.layer} computes them.
 */
public sealed interface LayerSpec extends Typed
    permits CoreSpec,
        ConvolutionSpec,
        PoolSpec,
        NormSpec,
        RecurrentSpec,
        AttentionSpec,
        EmbeddingSpec,
        NoiseSpec,
        AugmentationSpec,
        ElementwiseSpec,
        TabularSpec,
        RearrangementSpec,
        MergeSpec,
        LambdaSpec,
        NestedSpec,
        LayerSpec.Foreign {
  /** Output shape, weights and costs; throws what does not fit, with the layer's name. */
  LayerShape infer(LayerInputs inputs);

  /** The activation applied last; linear when there is none. */
  default ActivationSpec activation() {
    return ActivationSpec.LINEAR;
  }

  /** The axis of its output, the batch left out, along which its units are. */
  default int unitAxis(Shape output) {
    return output.rank() - 1;
  }

  /** Whether it is an activation and nothing else: the value before it is its input. */
  default boolean isActivation() {
    return false;
  }

  /** Whether its output before the activation is a linear function of its input plus a constant. */
  default boolean isAffine() {
    return false;
  }

  /** Whether each element of its output is an element of its inputs, or a zero. */
  default boolean movesElements() {
    return false;
  }

  /** Whether elements of its inputs may be missing in its output. */
  default boolean dropsElements() {
    return false;
  }

  /** Whether no gradient reaches the weights of this layer. */
  default boolean hasNoGradient() {
    return activation().hasNoGradient();
  }

  /**
   * Whether a gradient reaches one of its inputs.
   *
   * @param layer the layer with this spec
   * @param input the position of one of its inputs
   */
  default boolean passesGradient(Layer layer, int input) {
    return !hasNoGradient();
  }

  /** Whether it draws random masks or noise where a prediction is sampled. */
  default boolean isSampled() {
    return false;
  }

  /** What stops the gradient, in words for a warning. */
  default String gradientStopper() {
    return "the activation " + activation().function().word();
  }

  /** Whether the regularizer and the max-norm constraint are for this weight of the layer. */
  default boolean isRegularized(WeightSpec weight) {
    return weight.isKernel();
  }

  /** Initializers, regularizer and max-norm constraint; unused by a layer without weights. */
  default WeightRules rules() {
    return WeightRules.DEFAULT;
  }

  /**
   * An output of a network that is not made of layers: that of the file that the version was
   * imported from. It can be served, but neither trained nor nested. The importer writes such
   * layers; a caller cannot.
   *
   * @param indices the inputs that it reads as whole numbers
   * @param truths those of them that are truth values
   * @param shape of a row
   * @param probabilities whether it comes from a softmax, a sigmoid or a classifier
   * @param multiplyAdds an estimate for one row
   * @param element the type of its numbers in answers
   * @param together null for a version of a release that did not look
   */
  record Foreign(
      List<String> indices,
      List<String> truths,
      Shape shape,
      boolean probabilities,
      long multiplyAdds,
      ElementType element,
      @Nullable Together together)
      implements LayerSpec {
    /** Its type, which no caller may write. */
    public static final String TYPE = "onnx";

    /** The member of its stored form that holds a {@link Together}. */
    public static final String TOGETHER = "together";

    /** The member with what the importer has to say of the file. */
    public static final String NOTES = "notes";

    /** Which rows may be computed at once. */
    public enum Together implements Word {
      /** Any: each follows from itself alone, as the file's operators show. */
      ANY,
      /** None: not all operators show it, though rows were computed that did not differ. */
      ONE,
      /** Those of one request: they follow from each other. */
      REQUEST;
    }

    /** Inner values for each element of the input, about. */
    private static final long INNER_VALUES = 16;

    public Foreign {
      indices = List.copyOf(indices);
      truths = List.copyOf(truths);
    }

    /** Reads what {@link #json} wrote, here or in the next release, which may have more members. */
    public static Foreign read(JsonObject layer) {
      List<String> indices = layer.texts("indices");
      List<String> truths = layer.texts("truths");
      List<Integer> dims = layer.integers("shape", 0, Integer.MAX_VALUE);
      JsonNode adds = layer.get("multiply_adds");
      for (String name : layer.names()) {
        var _ = layer.get(name);
      }
      return new Foreign(
          indices == null ? List.of() : indices,
          truths == null ? List.of() : truths,
          dims == null ? Shape.SCALAR : new Shape(dims),
          layer.bool("probabilities", false),
          adds == null ? 0 : adds.asLong(0),
          // Versions of older releases have neither: their answers stay 32-bit floats.
          layer.choice("element", ElementType.FLOAT32),
          layer.get(TOGETHER) == null ? null : layer.choice(TOGETHER, Together.REQUEST));
    }

    /** The stored form. */
    public ObjectNode json(String name, Collection<String> inputs) {
      ObjectNode layer = JsonNodeFactory.instance.objectNode().put("type", TYPE).put("name", name);
      inputs.forEach(layer.putArray("inputs")::add);
      indices.forEach(layer.putArray("indices")::add);
      if (!truths.isEmpty()) {
        truths.forEach(layer.putArray("truths")::add);
      }
      shape.dims().forEach(layer.putArray("shape")::add);
      layer
          .put("probabilities", probabilities)
          .put("multiply_adds", multiplyAdds)
          .put("element", element.name().toLowerCase(Locale.ROOT));
      return together == null ? layer : layer.put(TOGETHER, together.word());
    }

    @Override
    public String type() {
      return TYPE;
    }

    @Override
    public boolean hasNoGradient() {
      return true;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      long read = inputs.shapes().stream().mapToLong(Shape::elements).reduce(0, Math::addExact);
      // What lies between input and output is not known; a convolution often makes this many.
      LayerCost cost = LayerCost.of(multiplyAdds).passing(Math.multiplyExact(read, INNER_VALUES));
      return new LayerShape(
          inputs.shapes(), shape, List.of(), "as the imported ONNX file computes: " + shape, cost);
    }
  }
}
