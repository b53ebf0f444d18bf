package io.trainyard.predict;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.IndexRange;
import io.trainyard.dataset.encoding.PlainNumbers;
import io.trainyard.dataset.encoding.RowLayout;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A version that can answer: its definition and its network in memory. */
public final class LoadedModel {
  private final ModelVersion version;
  private final VersionDefinition definition;
  private final SharedNetwork network;
  private final VersionStatistics statistics;
  private final Signature signature;
  private final RowCost rowCost;

  /** The network's outputs, and those of the members of an ensemble. */
  private final List<String> withMembers;

  private final RowCost costWithMembers;
  private final @Nullable PlainNumbers plainNumbers;
  private final @Nullable RowNames rowNames;
  private final IndexRange indices;
  private final int mostValues;
  private final Map<String, Shape> tensorColumns;
  private final @Nullable String onlyColumn;

  LoadedModel(ModelVersion version, VersionDefinition definition, SharedNetwork network) {
    this(version, definition, network, new VersionStatistics());
  }

  private LoadedModel(
      ModelVersion version,
      VersionDefinition definition,
      SharedNetwork network,
      VersionStatistics statistics) {
    this.statistics = statistics;
    this.version = version;
    this.definition = definition;
    this.network = network;
    this.signature = definition.signature();
    this.rowCost = rowCost(definition.spec().network().outputs());
    this.withMembers = definition.outputsWithMembers();
    this.costWithMembers = withMembers.size() == outputs().size() ? rowCost : rowCost(withMembers);
    Encoding encoding = definition.encoding();
    this.plainNumbers = encoding == null ? null : PlainNumbers.of(encoding).orElse(null);
    this.rowNames = rowNames(encoding, signature);
    this.indices = new IndexRange(definition.spec().network(), definition.shapes(), encoding);
    this.mostValues = mostValues(encoding);
    this.tensorColumns = encoding == null ? Map.of() : tensorColumns(encoding);
    this.onlyColumn = encoding == null ? null : onlyColumn(encoding);
  }

  /** The same network, with the same count of users, under another version. */
  LoadedModel as(ModelVersion other) {
    return new LoadedModel(other, definition, network, statistics);
  }

  /** The columns it reads, when all of them are plain numbers. */
  public @Nullable PlainNumbers plainNumbers() {
    return plainNumbers;
  }

  /** How a JSON instance is read without a tree; null when only a tree can tell. */
  public @Nullable RowNames rowNames() {
    return rowNames;
  }

  private static @Nullable RowNames rowNames(@Nullable Encoding encoding, Signature signature) {
    boolean empty =
        signature.inputs().values().stream().anyMatch(input -> input.shape().elements() == 0);
    if (empty || signature.inputs().isEmpty()) {
      return null;
    }
    return encoding == null
        ? new RowNames(RowLayout.of(signature), true)
        : RowLayout.of(encoding).map(layout -> new RowNames(layout, false)).orElse(null);
  }

  private static Map<String, Shape> tensorColumns(Encoding encoding) {
    Map<String, Shape> tensors = new LinkedHashMap<>();
    for (ColumnEncoding column : encoding.inputColumns()) {
      if (column.shape() != null) {
        tensors.put(column.column(), column.shape());
      }
    }
    return tensors;
  }

  private static @Nullable String onlyColumn(Encoding encoding) {
    boolean windows = encoding.inputs().values().stream().anyMatch(input -> input.window() != null);
    List<String> names =
        encoding.inputColumns().stream().map(ColumnEncoding::column).distinct().toList();
    return windows || names.size() != 1 ? null : names.getFirst();
  }

  /** The columns that hold tensors, each with the shape of its rows. */
  public Map<String, Shape> tensorColumns() {
    return tensorColumns;
  }

  /** The only column that it reads, without a window; null when there are more. */
  public @Nullable String onlyColumn() {
    return onlyColumn;
  }

  public ModelVersion version() {
    return version;
  }

  public VersionDefinition definition() {
    return definition;
  }

  /** What it has answered. */
  public VersionStatistics statistics() {
    return Practice.isOn() ? VersionStatistics.OF_PRACTICE : statistics;
  }

  SharedNetwork network() {
    return network;
  }

  public Signature signature() {
    return signature;
  }

  /** The names of the network's outputs, in order. */
  List<String> outputs() {
    return definition.spec().network().outputs();
  }

  /** The names of the network's outputs, and of the members' that a target's is the mean of. */
  List<String> outputsWithMembers() {
    return withMembers;
  }

  /** As {@link #rowCost()}, with the outputs of the members. */
  RowCost costWithMembers() {
    return costWithMembers;
  }

  /** The most outputs that a caller can ask for. */
  public int mostOutputs() {
    return OutputNames.most(definition);
  }

  /** What a row costs when only the network's outputs are wanted. */
  public RowCost rowCost() {
    return rowCost;
  }

  RowCost rowCost(List<String> wanted) {
    return ForwardPlan.of(definition.spec().network(), wanted).cost(definition.shapes());
  }

  /** The most JSON values, lists and objects included, that one instance of columns can have. */
  public int mostValues() {
    return mostValues;
  }

  private static int mostValues(@Nullable Encoding encoding) {
    long rows =
        encoding == null
            ? 1
            : encoding.inputs().values().stream().mapToInt(input -> input.rows()).max().orElse(1);
    long cells = encoding == null ? 0 : encoding.rowValues() * Math.max(1, rows);
    // Each cell may be nested in lists of one element; target columns may be there too.
    return Math.clamp(1_000 + 20 * cells, 1_000, Integer.MAX_VALUE - 1);
  }

  /**
   * Refuses indices beyond the vocabulary of their embedding.
   *
   * @param pointer the list of instances' place in the body
   */
  public void checkIndices(Map<String, HostTensor> inputs, String pointer) {
    indices.check(inputs, pointer);
  }
}
