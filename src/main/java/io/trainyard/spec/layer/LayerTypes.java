package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.choice;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.description.MemberSchema;
import io.trainyard.tensor.DataFormat;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The register of layers: each family adds the names of its types with their readings. The nested
 * model is the one type that is not read here, see {@link NestedSpec}.
 */
public final class LayerTypes {
  /** The largest number of units, filters or groups. */
  public static final int MAX_UNITS = 1 << 24;

  /** The largest number of axes of a row. */
  static final int MAX_AXES = 8;

  private static final Map<String, Reading> TYPES = new TreeMap<>();

  static {
    Readers types = new Readers();
    CoreSpec.register(types);
    ConvolutionSpec.register(types);
    PoolSpec.register(types);
    NormSpec.register(types);
    RecurrentSpec.register(types);
    AttentionSpec.register(types);
    EmbeddingSpec.register(types);
    NoiseSpec.register(types);
    AugmentationSpec.register(types);
    ElementwiseSpec.register(types);
    TabularSpec.register(types);
    RearrangementSpec.register(types);
    MergeSpec.register(types);
    LambdaSpec.register(types);
  }

  private LayerTypes() {}

  /** Reads one type of layer, whose data format defaults to the network's. */
  @FunctionalInterface
  interface Reading {
    @Nullable LayerSpec read(JsonObject layer, DataFormat format);
  }

  /** To which each family adds its types. */
  static final class Readers {
    private Readers() {}

    void add(String type, Reading reading) {
      TYPES.put(type, reading);
    }

    /** A type that has no data format. */
    void add(String type, Function<JsonObject, @Nullable LayerSpec> reading) {
      add(type, (layer, _) -> reading.apply(layer));
    }
  }

  /** What callers are told of each family, and of nested models. */
  public static List<Family> described() {
    return List.of(
        CoreSpec.family(),
        ConvolutionSpec.family(),
        PoolSpec.family(),
        NormSpec.family(),
        RecurrentSpec.family(),
        AttentionSpec.family(),
        EmbeddingSpec.family(),
        NoiseSpec.family(),
        AugmentationSpec.family(),
        ElementwiseSpec.family(),
        TabularSpec.family(),
        RearrangementSpec.family(),
        MergeSpec.family(),
        LambdaSpec.family(),
        NestedSpec.family());
  }

  /** The schema of the member {@code data_format}. */
  static MemberSchema dataFormat() {
    return choice("channels_first", "channels_last")
        .says(
            "Where rows have their channels: last, [height, width, channels], or first. Default:"
                + " the network's data_format.");
  }

  /** The names of all types but {@code model}. */
  public static Set<String> names() {
    return Collections.unmodifiableSet(TYPES.keySet());
  }

  /**
   * Reads what a layer computes; {@code NetworkReader} reads its place in the graph.
   *
   * @param format the network's data format
   * @return null when the violations say why not
   */
  public static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
    String type = layer.requiredText("type");
    Reading reading = TYPES.get(type);
    if (reading == null) {
      if (layer.hasText("type")) {
        layer.violate(
            "type",
            "There is no layer type '%s'%s".formatted(JsonObject.shorten(type), advice(type)));
      }
      return null;
    }
    LayerSpec spec = layer.untangled(each -> reading.read(each, format));
    if (spec != null) {
      checkActivationForSparsity(layer, spec);
    }
    return spec;
  }

  /** Readers of the members of each type, for a layer of unknown type. */
  public static Stream<Consumer<JsonObject>> readers(DataFormat format) {
    return TYPES.values().stream().map(any -> each -> each.untangled(m -> any.read(m, format)));
  }

  /** Whether there is such a type, so that its members are known. */
  public static boolean isKnown(String type) {
    return TYPES.containsKey(type);
  }

  /** What was probably meant. */
  private static String advice(String type) {
    return ActivationSpec.named(type)
        .filter(_ -> NameAdvice.meant(type, names()).isEmpty())
        .map(
            activation ->
                "; it is an activation: write {\"type\": \"activation\", \"function\": \"%1$s\"}, or give the layer before \"activation\": \"%1$s\""
                    .formatted(activation))
        .orElseGet(
            () ->
                NameAdvice.before(
                    "there are " + String.join(", ", names()) + ", model", type, names()));
  }

  /** The sparsity regularizer treats a unit's mean output as a probability. */
  private static void checkActivationForSparsity(JsonObject layer, LayerSpec spec) {
    ActivationSpec activation = spec.activation();
    if (spec.rules().regularizer().sparsity() != null && !activation.staysInUnitInterval()) {
      layer.violate(
          "regularizer",
          "sparsity asks for an activation that stays in [0, 1], such as sigmoid, but the layer has"
              + " "
              + activation.function().word());
    }
  }
}
