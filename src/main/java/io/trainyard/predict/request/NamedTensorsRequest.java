package io.trainyard.predict.request;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.PlainNumbers;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.Predictor;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Named tensors, as the Open Inference Protocol sends them: one for each column that the model
 * reads, or one for each input of a model of tensors. A model with one input of numbers also takes
 * that input as one tensor, its columns in order and unscaled. {@code null} of a JSON body, and NaN
 * in a tensor of floats, are missing values.
 */
public final class NamedTensorsRequest implements Predictor.Request {
  /** Rows are encoded in blocks, so that a request of any size needs few JSON nodes. */
  private static final int BLOCK = 256;

  /** The name that KServe's clients give to the first of the inputs. */
  private static final String FIRST = "input-0";

  /** Of a tensor by its number. */
  private static final Pattern PLACE = Pattern.compile("/inputs/(\\d{1,9})(.*)");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Source source;
  private @Nullable NamedOutputs outputs;
  private @Nullable Encoding decided;

  /** Of each tensor that is read: its number in the request. Empty: all are read. */
  private List<Integer> places = List.of();

  public NamedTensorsRequest(Source source) {
    this.source = source;
  }

  /** The tensors of a body. */
  public interface Source {
    /**
     * Reads them, and checks that no name is given twice. Without violations it returns all.
     *
     * @param memory counts them
     */
    List<NamedTensor> tensors(ByteBudget.Reservation memory, Violations violations);

    /**
     * The names of the tensors, "" for those that have none, also where some cannot be read. Known
     * after {@link #tensors}.
     */
    default List<String> names() {
      return List.of();
    }

    /** The outputs that the caller asks for; empty: all. Known after {@link #tensors}. */
    List<String> asked();

    /** The thresholds that the caller gives; null: the version's. Known after {@link #tensors}. */
    default @Nullable JsonNode threshold() {
      return null;
    }

    /**
     * A fault at its place in the request.
     *
     * @param fault with the pointer of a tensor by its number, as in /inputs/0; the places of its
     *     cells have the row behind it, as in /inputs/0/12
     */
    default Violation placed(Violation fault) {
      return fault;
    }

    /** Where they are in the request. */
    default String thresholdPointer() {
      return "/threshold";
    }
  }

  @Override
  public Map<String, HostTensor> inputs(LoadedModel model, ByteBudget.Reservation memory) {
    Violations violations = new Violations();
    List<NamedTensor> given = source.tensors(memory, violations);
    try {
      return inputs(model, given, memory, violations);
    } catch (ServiceException e) {
      List<Violation> placed =
          e.violations().stream().map(fault -> source.placed(fault.moved(this::placed))).toList();
      throw placed.equals(e.violations()) ? e : new ServiceException(e.code(), e.detail(), placed);
    }
  }

  private Map<String, HostTensor> inputs(
      LoadedModel model,
      List<NamedTensor> tensors,
      ByteBudget.Reservation memory,
      Violations violations) {
    boolean whole = violations.isEmpty();
    List<NamedTensor> given = whole ? named(tensors, model) : tensors;
    try {
      outputs = NamedOutputs.of(model.definition(), source.asked());
    } catch (ServiceException e) {
      if (e.violations().isEmpty()) {
        throw e;
      }
      violations.addAll(e.violations());
    }
    JsonNode threshold = source.threshold();
    if (threshold != null && !threshold.isNull()) {
      decided = JsonRequest.decided(threshold, source.thresholdPointer(), model, violations);
    }
    checkNames(
        model,
        whole ? given.stream().map(NamedTensor::name).toList() : source.names(),
        whole,
        violations);
    violations.throwIfAny();
    List<NamedTensor> read = read(model, given);
    Map<String, HostTensor> inputs = inputs(model, read, rows(read), memory);
    model.checkIndices(inputs, "");
    return inputs;
  }

  /** Leaves out the columns that an instance may have, too. */
  private List<NamedTensor> read(LoadedModel model, List<NamedTensor> given) {
    Set<String> ignored = ignored(model, given.stream().map(NamedTensor::name).toList());
    places =
        IntStream.range(0, given.size())
            .filter(i -> !ignored.contains(given.get(i).name()))
            .boxed()
            .toList();
    return places.stream().map(given::get).toList();
  }

  /** A single tensor may be the whole input, and not a column of the same name. */
  private static Set<String> ignored(LoadedModel model, List<String> names) {
    Encoding encoding = model.definition().encoding();
    return encoding == null || (names.size() == 1 && isOnlyInput(encoding, names.getFirst()))
        ? Set.of()
        : encoding.ignoredColumns();
  }

  /** The place of a tensor that is read, with the tensor's number in the request. */
  private String placed(String pointer) {
    Matcher place = PLACE.matcher(pointer);
    return place.matches() && !places.isEmpty()
        ? "/inputs/" + places.get(Integer.parseInt(place.group(1))) + place.group(2)
        : pointer;
  }

  /**
   * Gives a single tensor without a name that of the model's only input, or only column. KServe's
   * clients number what they do not name.
   */
  private static List<NamedTensor> named(List<NamedTensor> given, LoadedModel model) {
    if (given.size() != 1) {
      return given;
    }
    Set<String> names = model.signature().inputs().keySet();
    boolean numbered =
        given.getFirst().name().equals(FIRST)
            && names.size() == 1
            && NamedInputs.of(model.definition()).stream()
                .noneMatch(input -> input.name().equals(FIRST));
    if (!given.getFirst().name().isEmpty() && !numbered) {
      return given;
    }
    boolean texts = given.getFirst() instanceof NamedTensor.Texts;
    String name = texts ? model.onlyColumn() : names.iterator().next();
    if (names.size() != 1 || name == null) {
      throw ServiceException.invalid(
          "/inputs",
          "An object by name was expected, as the model reads more than one tensor: "
              + NamedInputs.of(model.definition()).stream()
                  .limit(50)
                  .map(NamedInputs.Described::name)
                  .collect(Collectors.joining(", ")));
    }
    return List.of(given.getFirst().as(name));
  }

  private static int rows(List<NamedTensor> given) {
    if (given.isEmpty()) {
      throw ServiceException.invalid("/inputs", "At least one input was expected, got none");
    }
    int rows = -1;
    for (int i = 0; i < given.size(); i++) {
      Shape shape = given.get(i).shape();
      int own = shape.rank() == 0 ? 0 : shape.axis(0);
      if (own == 0) {
        throw refused(
            i,
            "'%s' has the shape %s: at least one row was expected"
                .formatted(given.get(i).name(), shape));
      }
      if (rows >= 0 && own != rows) {
        throw refused(
            i,
            "'%s' has %d rows where '%s' has %d: the first axis of all inputs is the batch"
                .formatted(given.get(i).name(), own, given.getFirst().name(), rows));
      }
      rows = own;
    }
    return rows;
  }

  private static ServiceException refused(int input, String detail) {
    return ServiceException.invalid(Violation.pointer("/inputs", input), detail);
  }

  private static Map<String, HostTensor> inputs(
      LoadedModel model, List<NamedTensor> given, int rows, ByteBudget.Reservation memory) {
    Encoding encoding = model.definition().encoding();
    if (encoding == null) {
      return tensors(model, given, rows, memory);
    }
    if (given.size() == 1
        && given.getFirst() instanceof NamedTensor.Numbers numbers
        && isOnlyInput(encoding, numbers.name())) {
      try {
        return ArrayRows.encode(
            model, numbers.withNaN(), numbers.type(), numbers.rounded(), memory);
      } catch (ServiceException e) {
        throw refused(0, "'%s': %s".formatted(numbers.name(), e.detail()));
      }
    }
    Map<String, Shape> columns = new LinkedHashMap<>();
    NamedInputs.of(model.definition()).forEach(input -> columns.put(input.name(), input.row()));
    requirePrecision(encoding, given);
    Map<String, HostTensor> plain =
        model.plainNumbers() == null
            ? null
            : plain(model, model.plainNumbers(), given, rows, memory);
    return plain == null ? byRow(model, encoding, columns, given, rows, memory) : plain;
  }

  private static boolean isOnlyInput(Encoding encoding, String name) {
    return encoding.inputs().size() == 1
        && encoding.inputs().containsKey(name)
        && !encoding.inputs().get(name).columnNames().contains(name);
  }

  /** The inputs of a model of tensors. */
  private static Map<String, HostTensor> tensors(
      LoadedModel model, List<NamedTensor> given, int rows, ByteBudget.Reservation memory) {
    Map<String, Signature.Tensor> wanted = model.signature().inputs();
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    memory.add(rows, model.rowCost().inputBytes(), "input");
    for (int i = 0; i < given.size(); i++) {
      String name = given.get(i).name();
      Signature.Tensor input = Objects.requireNonNull(wanted.get(name));
      if (!(given.get(i) instanceof NamedTensor.Numbers numbers)) {
        throw refused(i, "'%s' takes numbers, not texts".formatted(name));
      }
      if (!numbers.missing().isEmpty()) {
        throw refused(
            i,
            "'%s': element %d is null, but a model of tensors imputes nothing"
                .formatted(name, numbers.missing().nextSetBit(0)));
      }
      try {
        inputs.put(name, ArrayRows.checked(numbers.tensor(), input, memory));
      } catch (ServiceException e) {
        throw refused(i, "'%s': %s".formatted(name, e.detail()));
      }
    }
    for (String name : wanted.keySet()) {
      if (!inputs.containsKey(name)) {
        throw ServiceException.invalid("/inputs", "The input '" + name + "' is missing");
      }
    }
    return inputs;
  }

  private static String unknown(String name, List<String> known) {
    int shown = 50;
    return "The model has no input '%s'; it has %s%s"
        .formatted(
            JsonObject.shorten(name),
            known.stream().limit(shown).collect(Collectors.joining(", ")),
            known.size() > shown ? " and " + (known.size() - shown) + " more" : "");
  }

  /** Each name is that of a column, or of an input of tensors. */
  private static void checkNames(
      LoadedModel model, List<String> names, boolean areRead, Violations violations) {
    Encoding encoding = model.definition().encoding();
    if (encoding != null && names.size() == 1 && isOnlyInput(encoding, names.getFirst())) {
      return;
    }
    List<String> known =
        encoding == null
            ? List.copyOf(model.signature().inputs().keySet())
            : NamedInputs.of(model.definition()).stream().map(NamedInputs.Described::name).toList();
    Set<String> all = new HashSet<>(known);
    all.addAll(ignored(model, names));
    for (int i = 0; i < names.size(); i++) {
      boolean isRead = areRead || !names.get(i).isEmpty();
      if (isRead && !all.contains(names.get(i))) {
        violations.add(Violation.pointer("/inputs", i), unknown(names.get(i), known));
      }
    }
  }

  private static void requirePrecision(Encoding encoding, List<NamedTensor> given) {
    Map<String, Set<ColumnEncoding>> columns = new HashMap<>();
    for (ColumnEncoding column : encoding.inputColumns()) {
      columns.computeIfAbsent(column.column(), _ -> new LinkedHashSet<>()).add(column);
    }
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i) instanceof NamedTensor.Numbers numbers) {
        for (ColumnEncoding column : Objects.requireNonNull(columns.get(numbers.name()))) {
          String fault =
              NarrowFloats.fault(
                  List.of(column), numbers.tensor(), numbers.type(), numbers.rounded());
          if (fault != null) {
            throw refused(i, "'%s': %s".formatted(numbers.name(), fault));
          }
        }
      }
    }
  }

  /** Columns of plain numbers without a tree; null where one is missing or does not fit. */
  private static @Nullable Map<String, HostTensor> plain(
      LoadedModel model,
      PlainNumbers columns,
      List<NamedTensor> given,
      int rows,
      ByteBudget.Reservation memory) {
    List<String> names = columns.columns();
    if (given.size() != names.size()) {
      return null;
    }
    HostTensor[] ordered = new HostTensor[names.size()];
    Map<String, Integer> places = new HashMap<>();
    for (String name : names) {
      places.put(name, places.size());
    }
    for (NamedTensor tensor : given) {
      Integer place = places.get(tensor.name());
      if (place == null
          || !(tensor instanceof NamedTensor.Numbers numbers)
          || !numbers.missing().isEmpty()
          || tensor.shape().elements() != rows) {
        return null;
      }
      ordered[place] = numbers.tensor();
    }
    double[] elements = new double[Math.multiplyExact(rows, ordered.length)];
    for (int column = 0; column < ordered.length; column++) {
      for (int row = 0; row < rows; row++) {
        double element = ordered[column].doubleAt(row);
        if (!Double.isFinite(element)) {
          return null;
        }
        elements[row * ordered.length + column] = element;
      }
    }
    memory.add(rows, model.rowCost().inputBytes(), "input");
    return columns.encode(elements, rows);
  }

  private static Map<String, HostTensor> byRow(
      LoadedModel model,
      Encoding encoding,
      Map<String, Shape> columns,
      List<NamedTensor> given,
      int rows,
      ByteBudget.Reservation memory) {
    for (int i = 0; i < given.size(); i++) {
      NamedTensor tensor = given.get(i);
      Shape wanted = Objects.requireNonNull(columns.get(tensor.name()));
      if (tensor.shape().row().elements() != wanted.elements()
          || (wanted.rank() > 1 && !tensor.shape().row().equals(wanted))) {
        throw refused(
            i,
            "'%s' has rows of the shape %s, got %s"
                .formatted(tensor.name(), wanted, tensor.shape().row()));
      }
    }
    Cells cells = new Cells(model, encoding, given);
    InputRows encoded = new InputRows(memory, model.rowCost().inputBytes());
    Violations faults = new Violations();
    while (encoded.count() < rows) {
      int first = encoded.count();
      int count = Math.min(BLOCK, rows - first);
      encoded.reserve(count);
      ArrayNode block = JSON.arrayNode(count);
      for (int i = first; i < first + count; i++) {
        ObjectNode instance = block.addObject();
        for (NamedTensor tensor : given) {
          instance.set(tensor.name(), cells.of(tensor, i));
        }
      }
      Map<String, HostTensor> part = encoding.encode(block, "", first, false, faults);
      if (part != null) {
        encoded.add(part);
      }
    }
    try {
      faults.throwIfAny();
    } catch (ServiceException e) {
      throw cells.placed(e);
    }
    return encoded.all();
  }

  @Override
  public VersionDefinition definition(LoadedModel model) {
    return decided == null ? model.definition() : model.definition().with(decided);
  }

  @Override
  public List<String> outputs() {
    return named().layers();
  }

  @Override
  public boolean wantsMembers() {
    return named().needsMembers();
  }

  /** The outputs that the answer has; known after {@link #inputs}. */
  public NamedOutputs named() {
    return Objects.requireNonNull(outputs);
  }
}
