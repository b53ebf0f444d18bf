package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.bool;
import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.number;
import static io.trainyard.spec.description.MemberSchema.ref;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Word;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.InitializerSpec.Orthogonal;
import io.trainyard.spec.weights.InitializerSpec.Torch;
import io.trainyard.spec.weights.InitializerSpec.Uniform;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a sequence step by step with PyTorch's cells, which have two bias vectors.
 *
 * <p>Shapes: x [steps, in]; y [steps, units] with return_sequences, else the final state [units];
 * both directions are concatenated to 2·units. Weights, for stacked layer l (the reverse direction
 * adds {@code _reverse}): weight_ih_ll [gates·units, in], weight_hh_ll [gates·units, units],
 * bias_ih_ll and bias_hh_ll [gates·units]. Source: torch.nn.RNN, LSTM and GRU.
 *
 * @param layers number of stacked layers
 * @param returnSequences whether the output is every step's state, or each direction's final one
 * @param dropout between stacked layers, in training
 * @param goBackwards reads the sequence from its end; the states come in that order
 * @param recurrentInitializer of weight_hh
 * @param forgetBias whether an LSTM's forget gates start open: their bias_ih starts at 1
 */
public record RecurrentSpec(
    Cell cell,
    int units,
    int layers,
    boolean bidirectional,
    boolean returnSequences,
    double dropout,
    boolean goBackwards,
    InitializerSpec recurrentInitializer,
    boolean forgetBias,
    WeightRules rules)
    implements LayerSpec {
  private static final int MAX_LAYERS = 64;

  /** Operations on tensors in each step of a layer, which libtorch makes one by one. */
  private static final long GRU_OPERATIONS = 15;

  private static final long RNN_OPERATIONS = 5;

  /** Floats by which a step of an LSTM is padded, as measured with one unit. */
  private static final long PADDING = 64;

  public RecurrentSpec {
    JsonObject.require(units >= 1, "units must be at least 1", units);
    JsonObject.require(layers >= 1, "layers must be at least 1", layers);
    JsonObject.require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1)", dropout);
  }

  static @Nullable LayerSpec read(JsonObject layer, Cell cell) {
    int units = layer.requiredInteger("units", 1, LayerTypes.MAX_UNITS);
    int layers = layer.integer("layers", 1, 1, MAX_LAYERS);
    boolean bidirectional = layer.bool("bidirectional", false);
    boolean sequences = layer.bool("return_sequences", false);
    double dropout = layer.number("dropout", 0);
    boolean backwards = layer.bool("go_backwards", false);
    WeightRules rules = WeightRules.read(layer, WeightRules.DEFAULT);
    InitializerSpec recurrent =
        InitializerSpec.read(
            layer,
            "recurrent_initializer",
            rules.initializer() instanceof Torch ? new Torch() : new Orthogonal(1));
    WeightRules.refuseData(layer, "recurrent_initializer", recurrent);
    boolean forgetBias =
        cell == Cell.LSTM
            && !layer.has("bias_initializer")
            && !(rules.biasInitializer() instanceof Torch);
    return layer.build(
        () ->
            new RecurrentSpec(
                cell,
                units,
                layers,
                bidirectional,
                sequences,
                dropout,
                backwards,
                recurrent,
                forgetBias,
                rules));
  }

  /** How a step turns the input x and the state h into the next state. */
  public enum Cell implements Word {
    /** h ← tanh(W·x + b + R·h + r), with the kernels W, R and the biases b, r. */
    SIMPLE_RNN(1),
    /**
     * c ← f∘c + i∘g, h ← o∘tanh(c). i, f and o are sigmoid(W·x + b + R·h + r), g is tanh of it. The
     * weights hold i, f, g, o in this order.
     */
    LSTM(4),
    /**
     * h ← (1 − z)∘n + z∘h. q and z are sigmoid(W·x + b + R·h + r); n = tanh(W·x + b + q∘(R·h + r)),
     * so that the reset q acts after the product. The weights hold q, z, n in this order.
     */
    GRU(3);

    private final int gates;

    Cell(int gates) {
      this.gates = gates;
    }

    /** Blocks of units rows in each of its weights. */
    public int gates() {
      return gates;
    }
  }

  @Override
  public String type() {
    return cell.word();
  }

  @Override
  public boolean isSampled() {
    return dropout > 0 && layers > 1;
  }

  public int directions() {
    return bidirectional ? 2 : 1;
  }

  /** The end of the names of a stacked layer's weights in one direction: {@code _l0_reverse}. */
  public static String suffix(int layer, int direction) {
    return "_l" + layer + (direction == 0 ? "" : "_reverse");
  }

  @Override
  public LayerShape infer(LayerInputs inputs) {
    Shape input = inputs.image(1, DataFormat.CHANNELS_LAST);
    int steps = input.axis(0);
    if (steps < 1) {
      throw inputs.fault("needs at least one step but '" + inputs.firstName() + "' gives " + input);
    }
    int width = Math.multiplyExact(units, directions());
    Shape output = returnSequences ? Shape.of(steps, width) : Shape.of(width);
    List<WeightSpec> weights = new ArrayList<>();
    long perStep = 0;
    for (int layer = 0; layer < layers; layer++) {
      int in = layer == 0 ? input.last() : width;
      for (int direction = 0; direction < directions(); direction++) {
        addWeights(weights, in, suffix(layer, direction), inputs);
        perStep += (long) cell.gates() * units * ((long) in + units);
      }
    }
    return new LayerShape(
        inputs.shapes(),
        output,
        weights,
        formula(input, output, weights),
        cost(Math.multiplyExact(perStep, steps), input, steps));
  }

  /** For each step the gates twice and the states; the layers' outputs lie in them. */
  private LayerCost cost(long multiplyAdds, Shape input, long steps) {
    long read = Math.multiplyExact(steps, (long) directions());
    long states = Math.multiplyExact(read, (long) units);
    long perLayer = Math.multiplyExact(states, 2L * cell.gates() + 6);
    LayerCost cost =
        LayerCost.of(multiplyAdds)
            .passing(Math.multiplyExact(states, cell.gates() + 2L))
            .passing(input.elements())
            .keepingInTraining(Math.multiplyExact(perLayer, (long) layers));
    return switch (cell) {
      // oneDNN computes all steps at once, with few units padded.
      case LSTM -> cost.keepingInTraining(Math.multiplyExact(read, PADDING)).operations(read / 2);
      case GRU -> cost.operations(Math.multiplyExact(read, GRU_OPERATIONS * layers));
      case SIMPLE_RNN -> cost.operations(Math.multiplyExact(read, RNN_OPERATIONS * layers));
    };
  }

  private void addWeights(List<WeightSpec> weights, int in, String suffix, LayerInputs inputs) {
    int rows = Math.multiplyExact(cell.gates(), units);
    InitializerSpec kernel = resolved(rules.initializer());
    InitializerSpec recurrent = resolved(recurrentInitializer);
    InitializerSpec bias = resolved(rules.biasInitializer());
    InitializerSpec inputBias = forgetBias ? new InitializerSpec.ForgetGate() : bias;
    weights.add(inputs.weight("weight_ih" + suffix, kernel, in, rows, rows, in));
    weights.add(inputs.weight("weight_hh" + suffix, recurrent, units, rows, rows, units));
    weights.add(inputs.weight("bias_ih" + suffix, inputBias, in, rows, rows));
    weights.add(inputs.weight("bias_hh" + suffix, bias, units, rows, rows));
  }

  /** PyTorch draws all weights of a recurrent layer from ±1/√units. */
  private InitializerSpec resolved(InitializerSpec initializer) {
    double bound = 1 / Math.sqrt(units);
    return initializer instanceof Torch ? new Uniform(-bound, bound) : initializer;
  }

  private String formula(Shape input, Shape output, List<WeightSpec> weights) {
    String gates = cell.gates() == 1 ? "" : String.valueOf(cell.gates());
    String text =
        "%s → %s; parameters %sh(i + h + 2) = %s%d·(%d + %d + 2)"
            .formatted(
                input,
                output,
                gates,
                gates.isEmpty() ? "" : gates + "·",
                units,
                input.last(),
                units);
    String stacked =
        layers * directions() == 1
            ? ""
            : ", over %d layers and %d directions".formatted(layers, directions());
    return text + stacked + " = " + WeightSpec.elements(weights) + kerasNote(input);
  }

  private String kerasNote(Shape input) {
    if (cell != Cell.LSTM || layers * directions() > 1) {
      return "";
    }
    long oneBias = 4L * units * ((long) input.last() + units + 1);
    return " (PyTorch's two bias vectors; Keras's cell has one: 4h(i + h + 1) = " + oneBias + ")";
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    for (Cell cell : Cell.values()) {
      types.add(cell.word(), layer -> read(layer, cell));
    }
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Recurrent layers",
        Described.as("simple_rnn", "A recurrent layer with one tanh.")
            .formula("h ← tanh(W·x + b + R·h + r)")
            .shape(
                "[steps, in] → [units], or [steps, units] with return_sequences; 2·units when"
                    + " bidirectional")
            .names("torch.nn.RNN", "keras.layers.SimpleRNN", null)
            .source("Elman 1990; PyTorch's RNN")
            .members(RecurrentSpec::describeMembers)
            .include("weights")
            .required("units")
            .input(20, 3)
            .example("units", 32),
        Described.as("lstm", "A recurrent layer with gates and a cell state.")
            .formula(
                "i, f, o = sigmoid(W·x + b + R·h + r), g = tanh of it; c ← f∘c + i∘g; h ←"
                    + " o∘tanh(c)")
            .shape(
                "[steps, in] → [units], or [steps, units] with return_sequences; 2·units when"
                    + " bidirectional")
            .names("torch.nn.LSTM", "keras.layers.LSTM (one bias there, two here)", "lstmLayer")
            .source("Hochreiter and Schmidhuber 1997; PyTorch's LSTM")
            .members(RecurrentSpec::describeMembers)
            .include("weights")
            .required("units")
            .input(20, 3)
            .example("units", 32),
        Described.as("gru", "A recurrent layer with two gates.")
            .formula(
                "q, z = sigmoid(W·x + b + R·h + r); n = tanh(W·x + b + q∘(R·h + r)); h ← (1 − z)∘n"
                    + " + z∘h")
            .shape(
                "[steps, in] → [units], or [steps, units] with return_sequences; 2·units when"
                    + " bidirectional")
            .names(
                "torch.nn.GRU",
                "keras.layers.GRU(reset_after=True)",
                "gruLayer(ResetGateMode=\"recurrent-bias-after-multiplication\")")
            .source("Cho et al. 2014; PyTorch's GRU")
            .members(RecurrentSpec::describeMembers)
            .include("weights")
            .required("units")
            .input(20, 3)
            .example("units", 32));
  }

  private static Described describeMembers(Described cell) {
    return cell.member("units", integer(1, LayerTypes.MAX_UNITS), "Numbers in the state.")
        .member("layers", integer(1, MAX_LAYERS).or(1), "Stacked layers.")
        .member(
            "bidirectional",
            bool(false),
            "Whether a second pass reads the sequence from its end; both states are concatenated.")
        .member(
            "return_sequences",
            bool(false),
            "Whether the output is the state of every step, or the final one.")
        .member(
            "dropout",
            number().atLeast(0).below(1).or(0),
            "Dropout between stacked layers, in training.")
        .member(
            "go_backwards",
            bool(false),
            "Reads the sequence from its end; the states come in that order.")
        .member(
            "recurrent_initializer",
            ref("Initializer"),
            "First values of the recurrent kernels; orthogonal by default.");
  }
}
