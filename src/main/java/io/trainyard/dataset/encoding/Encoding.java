package io.trainyard.dataset.encoding;

import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How rows become input tensors and output tensors become predictions. Training and prediction use
 * the same code. Categories and classes are known at submission; scaling and imputation statistics
 * are known once {@link EncodingFitter} has read the training rows.
 */
public final class Encoding {
  /** The member of a prediction that holds standard deviations. */
  public static final String STD = "std";

  /** The member of a prediction that holds how much the members of an ensemble differ. */
  public static final String UNCERTAINTY = "uncertainty";

  /** The member of a prediction that holds intervals of numbers. */
  public static final String INTERVAL = "interval";

  /** The member of a prediction that holds sets of classes. */
  public static final String SET = "set";

  private final Map<String, InputEncoding> inputs;
  private final Map<String, TargetEncoding> targets;
  private final boolean assumed;
  private final Map<String, Decision.Named> decisions;

  /** Whether even made-up labels stand for the classes. */
  private final boolean keepsLabels;

  /** Not part of the stored form. */
  private final TableFacts table;

  private volatile @Nullable PredictionText text;
  private volatile @Nullable Set<String> ignored;

  Encoding(Map<String, InputEncoding> inputs, Map<String, TargetEncoding> targets) {
    this(inputs, targets, false);
  }

  /**
   * @param assumed whether it was made up for an import that came without one
   */
  Encoding(
      Map<String, InputEncoding> inputs, Map<String, TargetEncoding> targets, boolean assumed) {
    this(inputs, targets, assumed, false, TableFacts.NONE);
  }

  private Encoding(
      Map<String, InputEncoding> inputs,
      Map<String, TargetEncoding> targets,
      boolean assumed,
      boolean keepsLabels,
      TableFacts table) {
    this.keepsLabels = keepsLabels;
    this.table = table;
    this.assumed = assumed;
    this.inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    this.targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
    this.decisions = named(targets);
  }

  /** Reads what {@link #toJson} wrote. */
  public static Encoding fromJson(JsonNode json) {
    Violations violations = new Violations();
    Encoding encoding = read(json, "", violations);
    violations.throwIfAny();
    return Objects.requireNonNull(encoding);
  }

  /**
   * Reads what a caller sends.
   *
   * @return null when there are violations
   */
  public static @Nullable Encoding read(JsonNode json, String pointer, Violations violations) {
    return EncodingReader.read(json, pointer, violations);
  }

  /**
   * The encoding of an imported model without one: every column is a plain number.
   *
   * @param pointer the model's place in the body
   * @param learned the encodings that an input's {@code like} can name
   * @return null when it would need learned values; the violations say which
   */
  public static @Nullable Encoding defaultOf(
      ModelSpec model, String pointer, LearnedEncodings learned, Violations violations) {
    return new DefaultEncoding(model, pointer, learned, violations).encoding();
  }

  /** Whether it was made up for an import that came without one. Real data knows better. */
  public boolean isAssumed() {
    return assumed;
  }

  /** These inputs and targets, known as well as this encoding. */
  public Encoding with(
      Map<String, InputEncoding> others, Map<String, TargetEncoding> otherTargets) {
    return new Encoding(others, otherTargets, assumed, keepsLabels, table);
  }

  /** What {@link #with(TableFacts)} told of the training's table. */
  public TableFacts table() {
    return table;
  }

  /** This encoding, knowing the table that it was fitted to. */
  public Encoding with(TableFacts facts) {
    Map<String, InputEncoding> knowing = new LinkedHashMap<>();
    inputs.forEach((name, input) -> knowing.put(name, input.with(facts.meanTimes())));
    return new Encoding(knowing, targets, assumed, keepsLabels, facts);
  }

  private Encoding changing(BiFunction<String, TargetEncoding, TargetEncoding> target) {
    Map<String, TargetEncoding> changed = new LinkedHashMap<>(targets);
    changed.replaceAll(target);
    return with(inputs, changed);
  }

  /**
   * This encoding for the rows that a version is measured on: its labels stand, even made-up ones.
   * Labels of the rows that it does not have are faults then, and never take others' places.
   */
  public Encoding forMeasuring() {
    return new Encoding(inputs, targets, assumed, true, table);
  }

  boolean isForMeasuring() {
    return keepsLabels;
  }

  /** What another version may copy: everything, or only the classes that a caller gave. */
  Encoding inheritable() {
    if (!assumed) {
      return this;
    }
    Map<String, TargetEncoding> given = new LinkedHashMap<>();
    targets.forEach(
        (name, target) -> {
          if (target instanceof TargetEncoding.ClassTarget labels
              && (keepsLabels || !DefaultEncoding.isMadeUp(labels))) {
            given.put(name, target);
          }
        });
    return new Encoding(Map.of(), given);
  }

  /** This encoding with other rules for targets of two classes, by name. */
  public Encoding decidedBy(Map<String, Decision> decisions) {
    return changing(
        (name, target) ->
            target instanceof TargetEncoding.ClassTarget labels && decisions.containsKey(name)
                ? labels.decidedBy(decisions.get(name))
                : target);
  }

  /**
   * This encoding for what a training publishes.
   *
   * @param chosen the rules whose threshold was chosen; another one has the default
   * @param learned how sure its predictions are
   */
  public Encoding published(Map<String, Decision> chosen, FittedCertainty learned) {
    Map<String, Decision> rules = new LinkedHashMap<>();
    targets.forEach(
        (name, target) -> {
          if (target instanceof TargetEncoding.ClassTarget labels) {
            Decision own = labels.decision();
            Decision given = own.best() == null ? own : own.at(own.threshold());
            rules.put(name, chosen.getOrDefault(name, given));
          }
        });
    return decidedBy(rules).sure(learned);
  }

  /** This encoding, as sure as was learned; what was learned for another training is left out. */
  public Encoding sure(FittedCertainty learned) {
    return changing(
        (name, target) ->
            switch (target) {
              case TargetEncoding.ClassTarget labels ->
                  labels.sure(
                      learned.calibrations().get(name),
                      learned.intervals().get(name) instanceof Interval.Sets sets ? sets : null);
              case TargetEncoding.NumberTarget(String output, InputEncoding own, _) ->
                  new TargetEncoding.NumberTarget(output, own, learned.intervals().get(name));
              default -> target;
            });
  }

  /** The intervals of its numbers and the sets of its classes, by target. */
  public Map<String, Interval> intervals() {
    Map<String, Interval> intervals = new LinkedHashMap<>();
    targets.forEach(
        (name, target) -> {
          Interval own =
              switch (target) {
                case TargetEncoding.ClassTarget labels -> labels.sets();
                case TargetEncoding.NumberTarget numbers -> numbers.interval();
                default -> null;
              };
          if (own != null) {
            intervals.put(name, own);
          }
        });
    return intervals;
  }

  /** How targets of two classes are decided, as answers name it; empty without such targets. */
  public Map<String, Decision.Named> decisions() {
    return decisions;
  }

  private static Map<String, Decision.Named> named(Map<String, TargetEncoding> targets) {
    Map<String, Decision.Named> named = new LinkedHashMap<>();
    targets.forEach(
        (name, target) -> {
          if (target instanceof TargetEncoding.ClassTarget labels && labels.rule() != null) {
            named.put(name, labels.rule());
          }
        });
    return Collections.unmodifiableMap(named);
  }

  /**
   * This encoding for outputs of which it is known what they mean.
   *
   * @param scores by target; targets that are not classes need none
   */
  public Encoding meaning(Map<String, Scores> scores) {
    return changing(
        (name, target) ->
            target instanceof TargetEncoding.ClassTarget labels && scores.containsKey(name)
                ? labels.with(scores.get(name))
                : target);
  }

  /**
   * This encoding where the outputs of these targets are predicted as they are.
   *
   * @param raw names of targets of numbers; others stay as they are
   */
  public Encoding predictingRaw(Set<String> raw) {
    return changing(
        (name, target) ->
            target instanceof TargetEncoding.NumberTarget(String output, InputEncoding own, _)
                    && raw.contains(name)
                ? new TargetEncoding.RawTarget(output, own, false)
                : target);
  }

  public Map<String, InputEncoding> inputs() {
    return inputs;
  }

  public Map<String, TargetEncoding> targets() {
    return targets;
  }

  /** This encoding for the targets of a phase, which may be inputs and outputs of layers. */
  public Encoding of(Map<String, TargetSpec> phase) {
    Map<String, TargetEncoding> own = new LinkedHashMap<>();
    phase.forEach(
        (name, target) -> {
          TargetEncoding known = targets.get(name);
          String output = target.output();
          if (known != null) {
            own.put(name, known);
          } else if (output != null
              && target.source() instanceof TargetSpec.Source.Input(String input)
              && inputs.containsKey(input)) {
            own.put(name, new TargetEncoding.InputTarget(output, input));
          }
        });
    return new Encoding(inputs, own, assumed);
  }

  /** The row shape of every network input. */
  public Map<String, Shape> inputShapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    inputs.forEach((name, input) -> shapes.put(name, input.shape()));
    return shapes;
  }

  /**
   * What each target's values are. A target that is another layer's output, or an input without an
   * encoding, is left out.
   */
  public Map<String, TargetValues> targetValues() {
    Map<String, TargetValues> values = new LinkedHashMap<>();
    targets.forEach(
        (name, target) -> {
          switch (target) {
            case TargetEncoding.ClassTarget labels ->
                values.put(name, new TargetValues.Classes(labels.classes().size()));
            case TargetEncoding.NumberTarget numbers ->
                values.put(name, new TargetValues.Numbers(numbers.shape()));
            case TargetEncoding.RawTarget raw ->
                values.put(
                    name,
                    raw.survival()
                        ? new TargetValues.Survival()
                        : new TargetValues.Numbers(raw.encoding().shape()));
            case TargetEncoding.InputTarget input -> {
              InputEncoding encoding = inputs.get(input.input());
              if (encoding != null) {
                values.put(name, new TargetValues.Numbers(encoding.shape()));
              }
            }
            case TargetEncoding.LayerTarget layer -> {
              // Its shape is the layer's, which shape inference knows.
            }
          }
        });
    return values;
  }

  InputEncoding input(String name) {
    InputEncoding input = inputs.get(name);
    if (input == null) {
      throw new IllegalArgumentException("there is no input '" + name + "'");
    }
    return input;
  }

  /** How every column of the inputs is encoded. */
  public List<ColumnEncoding> inputColumns() {
    return inputs.values().stream().flatMap(input -> input.columns().stream()).toList();
  }

  /** How every column is encoded; first the inputs' columns, then the targets'. */
  public List<ColumnEncoding> columns() {
    List<ColumnEncoding> columns = new ArrayList<>(inputColumns());
    for (TargetEncoding target : targets.values()) {
      InputEncoding own = target.values();
      if (own != null) {
        columns.addAll(own.columns());
      }
    }
    return columns;
  }

  /** The name of every column that is read. */
  public Set<String> columnNames() {
    Set<String> names = new LinkedHashSet<>();
    columns().forEach(column -> names.add(column.column()));
    return names;
  }

  /** By column of the inputs: the rows of the longest window that reads it; 0 without windows. */
  public Map<String, Integer> windowLengths() {
    Map<String, Integer> lengths = new LinkedHashMap<>();
    for (InputEncoding input : inputs.values()) {
      int length = input.window() == null ? 0 : input.rows();
      input.columnNames().forEach(name -> lengths.merge(name, length, Math::max));
    }
    return lengths;
  }

  /** The columns that an instance may have though no input reads them. */
  public Set<String> ignoredColumns() {
    Set<String> known = ignored;
    if (known == null) {
      known = Set.copyOf(findIgnored());
      ignored = known; // several threads may find the same ones
    }
    return known;
  }

  private Set<String> findIgnored() {
    Set<String> found = targetColumns();
    found.addAll(table.unread());
    for (InputEncoding input : inputs.values()) {
      if (input.window() != null) {
        // They ordered the rows of the training; a request gives its rows in order.
        found.addAll(input.window().columns());
      }
    }
    found.removeAll(windowLengths().keySet());
    return found;
  }

  /** How instances that are arrays name their columns. */
  public ColumnOrder columnOrder() {
    return ColumnOrder.of(this);
  }

  /** The number of values in a row before it is encoded. */
  public long rowValues() {
    return columns().stream()
        .mapToLong(column -> column instanceof ColumnEncoding.Numeric n ? n.values() : 1)
        .sum();
  }

  /** The memory that encoded rows, or windows, need. */
  public long bytes(long rows) {
    long row = 0;
    for (InputEncoding input : inputs.values()) {
      row += (long) input.width() * input.type().bytes();
    }
    for (TargetEncoding target : targets.values()) {
      InputEncoding own = target.values();
      row += own == null ? 0 : (long) own.width() * own.type().bytes();
    }
    return Math.multiplyExact(row, rows);
  }

  /** The columns that the targets are read from. */
  public Set<String> targetColumns() {
    Set<String> columns = new LinkedHashSet<>();
    for (TargetEncoding target : targets.values()) {
      switch (target) {
        case TargetEncoding.ClassTarget labels -> columns.add(labels.column());
        case TargetEncoding.NumberTarget numbers ->
            columns.addAll(numbers.encoding().columnNames());
        case TargetEncoding.RawTarget raw -> columns.addAll(raw.encoding().columnNames());
        case TargetEncoding.InputTarget input -> columns.addAll(input(input.input()).columnNames());
        case TargetEncoding.LayerTarget layer -> {
          // The network computes it.
        }
      }
    }
    return columns;
  }

  /**
   * Encodes the instances of a predict request.
   *
   * @param instances a JSON list of objects by column; consecutive ones of the body's list
   * @param pointer the body's list
   * @param first the place of the first instance in the body's list
   * @return by input, [instances, ...]
   */
  public Map<String, HostTensor> encode(JsonNode instances, String pointer, int first) {
    Violations violations = new Violations();
    Map<String, HostTensor> encoded = encode(instances, pointer, first, false, violations);
    violations.throwIfAny();
    return Objects.requireNonNull(encoded);
  }

  /**
   * As {@link #encode(JsonNode, String, int)}; null where it adds violations.
   *
   * @param ignoreUnknown whether columns that no input reads are left out without a violation
   */
  public @Nullable Map<String, HostTensor> encode(
      JsonNode instances, String pointer, int first, boolean ignoreUnknown, Violations violations) {
    return new InstanceReader(this, pointer, first, ignoreUnknown, violations).encode(instances);
  }

  /** This encoding without windows: it encodes each row of a window by itself. */
  public Encoding ofRows() {
    Map<String, InputEncoding> byRow = new LinkedHashMap<>();
    inputs.forEach((name, input) -> byRow.put(name, input.ofRows()));
    return with(byRow, targets);
  }

  /** Writes the predictions, one object by target for each row. */
  public PredictionText text() {
    PredictionText known = text;
    if (known == null) {
      known = new PredictionText(this);
      text = known; // several threads may make the same one
    }
    return known;
  }

  /**
   * What the outputs say of one target.
   *
   * @param outputs by the network's output names, [rows, ...]
   */
  public TargetEncoding.Decoded decodeTarget(
      String target, Map<String, HostTensor> outputs, int rows) {
    TargetEncoding own = Objects.requireNonNull(targets.get(target));
    HostTensor output = own.outputOf(outputs);
    return own instanceof TargetEncoding.ClassTarget labels
        ? labels.decoded(output, rows)
        : new TargetEncoding.Decoded.Numbers(
            inTargetUnits(own.output(), means(target, output)), deviations(target, output));
  }

  /**
   * The numbers of a target whose mean and spread are told, in its own units: of a class with
   * probabilities these, else what decides it.
   *
   * @param outputs by the network's output names, [rows, ...]
   */
  public HostTensor told(String target, Map<String, HostTensor> outputs, int rows) {
    return switch (decodeTarget(target, outputs, rows)) {
      case TargetEncoding.Decoded.Numbers(HostTensor numbers, _) -> numbers;
      case TargetEncoding.Decoded.Labels(_, HostTensor probabilities, _)
          when probabilities != null ->
          probabilities;
      case TargetEncoding.Decoded.Labels _ ->
          Objects.requireNonNull(targets.get(target)).outputOf(outputs);
    };
  }

  /**
   * The intervals that the outputs say, by the names that answers give them.
   *
   * @param outputs by the network's output names, [rows, ...]
   */
  public Map<String, AnsweredInterval> answeredIntervals(Map<String, HostTensor> outputs) {
    return AnsweredInterval.of(this, outputs);
  }

  /**
   * An output in its target's units: undoes the scaling; of a class that is calibrated, the
   * probabilities that are answered. Other outputs stay as they are.
   *
   * @param output its name
   * @param tensor [rows, ...]
   */
  public HostTensor inTargetUnits(String output, HostTensor tensor) {
    for (TargetEncoding target : targets.values()) {
      if (target.output().equals(output)) {
        return switch (target) {
          case TargetEncoding.NumberTarget numbers -> numbers.encoding().unscaled(tensor);
          case TargetEncoding.InputTarget input -> input(input.input()).unscaled(tensor);
          case TargetEncoding.ClassTarget labels when labels.calibration() != null ->
              labels.calibrated(tensor);
          case TargetEncoding.ClassTarget _,
              TargetEncoding.RawTarget _,
              TargetEncoding.LayerTarget _ ->
              tensor;
        };
      }
    }
    return tensor;
  }

  /** The part of an output that predicts a target: the means, where it has variances too. */
  public HostTensor means(String target, HostTensor output) {
    InputEncoding numbers = numbers(target);
    boolean raw = targets.get(target) instanceof TargetEncoding.RawTarget;
    return numbers == null || raw ? output : numbers.means(output);
  }

  /** The standard deviations of a target's numbers in its units; null without variances. */
  public @Nullable HostTensor deviations(String target, HostTensor output) {
    return hasVariances(target, output.shape().row())
        ? Objects.requireNonNull(numbers(target)).deviations(output)
        : null;
  }

  /** Whether an output has variances of a target's numbers behind their means. */
  public boolean hasVariances(String target, Shape output) {
    InputEncoding numbers = numbers(target);
    boolean raw = targets.get(target) instanceof TargetEncoding.RawTarget;
    return numbers != null && !raw && numbers.hasVariances(output);
  }

  /** How a target's deviations are told: as its numbers, in their units. */
  public InputEncoding deviationsOf(String target) {
    return Objects.requireNonNull(numbers(target)).ofDeviations();
  }

  /**
   * How many of a target's units one encoded unit is, for each element of a row. The same for every
   * row of a window. 1 for labels, categories and unscaled numbers.
   */
  public double[] units(String target) {
    InputEncoding numbers = numbers(target);
    return numbers == null ? new double[] {1} : numbers.units();
  }

  /** What an encoded 0 is in a target's units, for each element of a row, as {@link #units}. */
  public double[] offsets(String target) {
    InputEncoding numbers = numbers(target);
    return numbers == null ? new double[] {0} : numbers.offsets();
  }

  /** What predictions are held within, for each element of a row, as {@link #units}. */
  public List<ColumnEncoding.Range> ranges(String target) {
    InputEncoding numbers = numbers(target);
    return numbers == null ? List.of(ColumnEncoding.Range.ALL) : numbers.ranges();
  }

  /** What a row of a target's numbers is; empty for labels, and for another layer's output. */
  public Optional<Shape> numbersOf(String target) {
    return Optional.ofNullable(numbers(target)).map(InputEncoding::shape);
  }

  private @Nullable InputEncoding numbers(String target) {
    return switch (targets.get(target)) {
      case TargetEncoding.NumberTarget own -> own.encoding();
      case TargetEncoding.RawTarget own -> own.encoding();
      case TargetEncoding.InputTarget own -> input(own.input());
      case TargetEncoding.ClassTarget _, TargetEncoding.LayerTarget _ -> null;
      case null -> null;
    };
  }

  /** Everything learned, as stored with a version. */
  public JsonNode toJson() {
    return EncodingWriter.write(this);
  }

  /** Finds the encodings of published versions, for the {@code like} of an input. */
  @FunctionalInterface
  public interface LearnedEncodings {
    /**
     * The encoding of a version.
     *
     * @param reference a number, an alias or {@code latest}
     */
    Optional<Learned> find(String model, String reference);

    /** A version's number and encoding. */
    record Learned(int version, Encoding encoding) {}
  }
}
