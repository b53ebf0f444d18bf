package io.trainyard.onnx.format;

import io.trainyard.tensor.FormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that a caller sent, read far enough to know its inputs and outputs and to refuse what this
 * service does not run: control flow, functions, other files, other domains of operators, and
 * random numbers. Source: onnx.proto.
 */
public final class OnnxFile {
  /** Of a value; ONNX Runtime itself computes few operators with more than 8. */
  static final int MOST_AXES = 64;

  private static final int MOST_NODES = 50_000;
  private static final int MOST_VALUES = 1_000;
  private static final int MOST_INNER = 200_000;
  private static final int MOST_FAULTS = 20;
  private static final int LONGEST_FAULT = 500;
  private static final int LONGEST_NAME = 60;

  /** ONNX's own operators, and those for classical models. */
  private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.ml");

  private static final Set<String> RANDOM =
      Set.of(
          "Bernoulli",
          "Multinomial",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike");

  private final Set<String> faults = new LinkedHashSet<>();
  private final Map<String, Value> inputs = new LinkedHashMap<>();
  private final Map<String, Value> outputs = new LinkedHashMap<>();
  private final Map<String, Producer> producers = new HashMap<>();
  private final Map<String, Value> inner = new LinkedHashMap<>();
  private final Map<String, Constant> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private long constantElements;
  private long opset;
  private boolean convolves;

  /** Operators whose result is a share of 1, or a probability. */
  private static final Set<String> PROBABILITIES =
      Set.of(
          "LinearClassifier",
          "Normalizer",
          "SVMClassifier",
          "Sigmoid",
          "Softmax",
          "TreeEnsembleClassifier");

  /** Operators that pass on the values of their first input. */
  private static final Set<String> PASSING =
      Set.of("Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze");

  private OnnxFile() {}

  /** What computes a value, from which first input. */
  private record Producer(String operator, String input) {}

  /**
   * An input or output.
   *
   * @param type the number of its element type; 0 when it is no tensor
   * @param axes lengths by position; null when even their number is open
   */
  public record Value(String name, int type, List<Axis> axes) {
    public Value {
      axes = List.copyOf(axes);
    }
  }

  /**
   * An axis.
   *
   * @param length −1 when it is open
   * @param name of an open length, "" for none
   */
  public record Axis(long length, String name) {}

  /**
   * Reads a file.
   *
   * @throws FormatException when it is not one, or is damaged
   */
  public static OnnxFile read(ByteBuffer bytes) {
    OnnxFile file = new OnnxFile();
    file.model(new ProtoReader(bytes));
    return file;
  }

  /**
   * Why it is not run; empty when it may be. This checks its operators, which takes memory for all
   * their numbers: a file that is only loaded was checked when it was imported.
   */
  public List<String> faults() {
    // Constants may be written behind the operators that read them.
    KnownValues known = new KnownValues(constants, inputs, inner, nodes);
    nodes.forEach(node -> OperatorRules.check(node, known, this::fault));
    return List.copyOf(faults);
  }

  /**
   * The first operator that may mix rows; null when each row of the outputs follows from the same
   * row of the inputs alone.
   *
   * @param rowsOfInputs by name, the lengths of their rows
   * @param rowsOfOutputs by name, of the outputs that matter
   */
  public @Nullable String mixesRows(
      Map<String, long[]> rowsOfInputs, Map<String, long[]> rowsOfOutputs) {
    return RowAnalysis.doubt(opset, constants, nodes, rowsOfInputs, rowsOfOutputs);
  }

  /** The inputs that a caller must give, in the file's order. */
  public List<Value> inputs() {
    return inputs.values().stream().filter(value -> !constants.containsKey(value.name())).toList();
  }

  public List<Value> outputs() {
    return List.copyOf(outputs.values());
  }

  /** The version of ONNX's own operators. */
  public long opset() {
    return opset;
  }

  /** Whether an output comes from a softmax, a sigmoid or a classifier. */
  public boolean isProbability(String output) {
    String value = output;
    for (int i = 0; i <= PASSING.size(); i++) {
      Producer producer = producers.get(value);
      if (producer == null || !PASSING.contains(producer.operator())) {
        return producer != null && PROBABILITIES.contains(producer.operator());
      }
      value = producer.input();
    }
    return false;
  }

  /** The elements of all constants. */
  public long constantElements() {
    return constantElements;
  }

  /**
   * An output of maps from classes to their probabilities, as scikit-learn's converter writes it.
   *
   * @param value the tensor [rows, classes] from which the maps are made
   */
  public record ZipMap(String value, List<String> classes) {
    public ZipMap {
      classes = List.copyOf(classes);
    }

    /** A file that has the tensor as an output too: parts of a file that follow it belong to it. */
    public ByteBuffer shownBy(ByteBuffer file) {
      ProtoWriter rows = new ProtoWriter().message(1, new ProtoWriter());
      rows.message(1, new ProtoWriter().integer(1, classes.size()));
      ProtoWriter tensor = new ProtoWriter().integer(1, OnnxTypes.FLOAT).message(2, rows);
      byte[] more =
          new ProtoWriter()
              .message(
                  7,
                  new ProtoWriter()
                      .message(
                          12,
                          new ProtoWriter()
                              .text(1, value)
                              .message(2, new ProtoWriter().message(1, tensor))))
              .toBytes();
      return ByteBuffer.allocateDirect(file.remaining() + more.length).put(file).put(more).flip();
    }
  }

  /** How an output is made of maps; null when it is not, or its tensor is an output too. */
  public @Nullable ZipMap zipMap(String output) {
    for (Node node : nodes) {
      if (node.operator().equals("ZipMap") && node.outputs().contains(output)) {
        List<String> classes = new ArrayList<>(node.texts("classlabels_strings"));
        for (long label : node.integers("classlabels_int64s")) {
          classes.add(Long.toString(label));
        }
        boolean isShown = classes.isEmpty() || outputs.containsKey(node.input(0));
        return isShown ? null : new ZipMap(node.input(0), classes);
      }
    }
    return null;
  }

  /** Whether a constant is read at many places of a row. */
  public boolean convolves() {
    return convolves;
  }

  private void fault(String fault) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(shown(fault, LONGEST_FAULT));
    }
  }

  private void model(ProtoReader model) {
    boolean hasGraph = false;
    for (int field = model.next(); field != 0; field = model.next()) {
      switch (field) {
        case 7 -> {
          hasGraph = true;
          graph(model.message());
        }
        case 8 -> opset(model.message());
        case 20 -> fault("it has a training graph; export it for inference");
        case 25 ->
            fault("it has functions of its own; inline them (onnx.inliner.inline_local_functions)");
        default -> {}
      }
    }
    if (!hasGraph || opset == 0) {
      throw new FormatException("it has no graph");
    }
  }

  private void opset(ProtoReader set) {
    String domain = "";
    long version = 0;
    for (int field = set.next(); field != 0; field = set.next()) {
      switch (field) {
        case 1 -> domain = set.text();
        case 2 -> version = set.integer();
        default -> {}
      }
    }
    if (domain.isEmpty() || domain.equals("ai.onnx")) {
      opset = version;
    } else if (DOMAINS.contains(domain)) {
      opset = Math.max(opset, 1);
    }
  }

  private void graph(ProtoReader graph) {
    for (int field = graph.next(); field != 0; field = graph.next()) {
      switch (field) {
        case 1 -> node(graph.message());
        case 5 -> {
          Constant constant = Constant.read(graph.bytes());
          check(constant, "its constant '" + shown(constant.name()) + "'");
          constants.put(constant.name(), constant);
          constantElements += constant.elements();
        }
        case 11 -> add(inputs, MOST_VALUES, value(graph.message()));
        case 12 -> add(outputs, MOST_VALUES, value(graph.message()));
        case 13 -> add(inner, MOST_INNER, value(graph.message()));
        case 15 -> fault("it has sparse constants");
        default -> {}
      }
    }
  }

  private void add(Map<String, Value> values, int most, Value value) {
    if (value.axes().size() > MOST_AXES) {
      fault("its value '" + shown(value.name()) + "' has more than " + MOST_AXES + " axes");
    }
    if (values.size() >= most) {
      throw new FormatException("it has more than " + most + " inputs, outputs or values");
    }
    values.put(value.name(), value);
  }

  private void node(ProtoReader proto) {
    if (nodes.size() == MOST_NODES) {
      throw new FormatException("it has more than " + MOST_NODES + " operators");
    }
    Node node = Node.read(proto);
    nodes.add(node);
    String operator = node.operator();
    boolean branches = false;
    for (ByteBuffer attribute : node.attributes().values()) {
      branches |= attribute(new ProtoReader(attribute), node);
    }
    for (String output : node.outputs()) {
      producers.put(output, new Producer(operator, node.input(0)));
    }
    if (!DOMAINS.contains(node.domain())) {
      fault(
          "its operator %s is of the domain '%s'; only ONNX's own operators are run"
              .formatted(shown(operator), shown(node.domain())));
    } else if (branches) {
      fault(
          "its operator %s contains a graph, which could run without an end; export it without"
                  .formatted(shown(operator))
              + " loops and branches");
    } else if (RANDOM.contains(operator)) {
      fault("its operator " + operator + " draws random numbers, so no answer could be repeated");
    }
    convolves |= operator.contains("Conv") || operator.equals("MatMul");
  }

  /** Whether it contains a graph. */
  private boolean attribute(ProtoReader attribute, Node node) {
    boolean branches = false;
    for (int field = attribute.next(); field != 0; field = attribute.next()) {
      switch (field) {
        case 5, 10 ->
            check(Constant.read(attribute.bytes()), "a constant of its operator " + node.title());
        case 6, 11 -> branches = true;
        case 22, 23 -> fault("it has sparse constants");
        default -> {}
      }
    }
    return branches;
  }

  private void check(Constant constant, String title) {
    if (constant.elsewhere()) {
      fault("its constants lie in other files; save them in the one file");
    }
    if (constant.dims().size() > MOST_AXES) {
      fault(title + " has more than " + MOST_AXES + " axes");
    }
  }

  private static Value value(ProtoReader info) {
    String name = "";
    Value value = new Value("", 0, List.of());
    for (int field = info.next(); field != 0; field = info.next()) {
      switch (field) {
        case 1 -> name = info.text();
        case 2 -> value = type(info.message());
        default -> {}
      }
    }
    return new Value(name, value.type(), value.axes());
  }

  private static Value type(ProtoReader type) {
    Value value = new Value("", 0, List.of());
    for (int field = type.next(); field != 0; field = type.next()) {
      if (field == 1) {
        value = tensorType(type.message());
      }
    }
    return value;
  }

  private static Value tensorType(ProtoReader tensor) {
    int type = 0;
    List<Axis> axes = new ArrayList<>();
    for (int field = tensor.next(); field != 0; field = tensor.next()) {
      switch (field) {
        case 1 -> type = (int) tensor.integer();
        case 2 -> {
          ProtoReader shape = tensor.message();
          for (int dim = shape.next(); dim != 0; dim = shape.next()) {
            if (dim == 1 && axes.size() <= MOST_AXES) { // more is a fault of the file
              axes.add(axis(shape.message()));
            }
          }
        }
        default -> {}
      }
    }
    return new Value("", type, axes);
  }

  private static Axis axis(ProtoReader dim) {
    long length = -1;
    String name = "";
    for (int field = dim.next(); field != 0; field = dim.next()) {
      switch (field) {
        case 1 -> length = dim.integer() < 1 ? -1 : dim.integer();
        case 2 -> name = dim.text();
        default -> {}
      }
    }
    return new Axis(length, name);
  }

  /** A name of the file, so short that it may stand in a message. */
  public static String shown(String name) {
    return shown(name, LONGEST_NAME);
  }

  private static String shown(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }
}
