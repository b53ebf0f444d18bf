package io.trainyard.dataset.prepare;

import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.Violations;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads, splits and encodes the rows of a job. Jobs on the same rows share the tensors. */
public final class DatasetPreparer {
  /** The limit on encoded rows that no job uses and that are kept for the next one. */
  private static final long MAX_IDLE_BYTES = 64L << 20;

  /** The least bytes counted per entry: bounds the number of small entries. */
  private static final long MIN_ENTRY_BYTES = 16 << 10;

  /** The most encodings that are kept for the next job that learns the same. */
  private static final int MAX_LEARNED = 16;

  /** Of these as JSON, all together. */
  private static final long MAX_LEARNED_CHARACTERS = 16L << 20;

  private final DatasetPlanner planner;
  private final DatasetRows rows;
  private final TensorMemory memory;
  private final SharedRows shared = new SharedRows(MAX_IDLE_BYTES);

  /** What jobs have learned last, by all that it depends on. */
  private final LastUsed<String, Encoding> learned =
      new LastUsed<>(
          MAX_LEARNED, MAX_LEARNED_CHARACTERS, each -> each.toJson().toString().length());

  /**
   * Only jobs of the same instance share tensors.
   *
   * @param memory where the encoded rows will be
   */
  public DatasetPreparer(DatasetPlanner planner, DatasetRows rows, TensorMemory memory) {
    this.planner = planner;
    this.rows = rows;
    this.memory = memory;
  }

  /**
   * Plans once more, as nothing of a plan is stored with a job, and encodes. The caller closes the
   * result.
   *
   * @param cancelled asked between chunks of rows; when true, frees all memory and throws a {@link
   *     CancellationException}
   */
  public PreparedData prepare(Preparation asked, BooleanSupplier cancelled) {
    return prepare(asked, plan(asked), cancelled);
  }

  /** As {@link #prepare(Preparation, BooleanSupplier)}, by a plan of the same rows. */
  public PreparedData prepare(Preparation asked, DataPlan plan, BooleanSupplier cancelled) {
    return prepare(asked, plan, cancelled, EncodedRows::prepare);
  }

  /**
   * As {@link #prepare(Preparation, BooleanSupplier)}, of one fold of rows that are prepared: they
   * are copied, not read again. Windows are, since those of a fold end where it ends.
   *
   * @param whole the rows of all folds and the test rows, by whose encoding the fold is encoded
   */
  public PreparedData fold(Preparation asked, PreparedData whole, BooleanSupplier cancelled) {
    DataPlan plan = plan(asked);
    return Windowing.of(asked.model(), plan.encoding()) == null
        ? prepare(asked, plan, cancelled, rowsOfIt -> rowsOfIt.copy(whole))
        : prepare(asked, plan, cancelled);
  }

  /** What is learned of the training rows. Jobs on the same rows learn it once. */
  public Encoding learn(Preparation asked, BooleanSupplier cancelled) {
    DataPlan plan = plan(asked);
    Windowing windowing = Windowing.of(asked.model(), plan.encoding());
    return learned.get(
        key(plan, windowing, asked.seed()), () -> rows(asked, plan, windowing, cancelled).learn());
  }

  private DataPlan plan(Preparation asked) {
    Violations violations = new Violations();
    DataPlan plan = planner.plan(asked, violations);
    violations.throwIfAny();
    if (plan == null) {
      throw new IllegalStateException("planning failed without a violation");
    }
    return plan;
  }

  private EncodedRows rows(
      Preparation asked, DataPlan plan, @Nullable Windowing windowing, BooleanSupplier cancelled) {
    return new EncodedRows(
        rows, memory, plan, windowing, asked.seed(), cancelled, asked.tolerance());
  }

  private PreparedData prepare(
      Preparation asked,
      DataPlan plan,
      BooleanSupplier cancelled,
      Function<EncodedRows, PreparedData> encoder) {
    Windowing windowing = Windowing.of(asked.model(), plan.encoding());
    long samples = plan.trainingRows() + plan.validationRows() + plan.testRows();
    Encoding encoding = SampleWeights.addTo(plan.encoding(), plan.weights());
    long bytes =
        DatasetPlanner.bytes(encoding, samples, plan.selectedRows())
            + RowNumbers.bytes(plan.selectedRows(), windowing != null);
    EncodedRows encoded = rows(asked, plan, windowing, cancelled);
    return shared.get(
        key(plan, windowing, asked.seed()) + "|" + asked.tolerance(),
        Math.max(MIN_ENTRY_BYTES, bytes),
        () -> encoder.apply(encoded),
        cancelled);
  }

  /** Everything that the encoded rows depend on. */
  private static String key(DataPlan plan, @Nullable Windowing windowing, long seed) {
    SplitSpec split = plan.selection().split();
    boolean random =
        switch (split.by()) {
          case RANDOM, GROUP -> split.validates() || split.validation() > 0 || split.tests();
          case FILE_ORDER -> false;
          case COLUMN -> split.fold() != null;
        };
    return plan.selection().toJson()
        + "|"
        + plan.version().createdAt()
        + "|"
        + plan.encoding().toJson()
        + "|"
        + (plan.weights() == null ? "" : plan.weights().column().name())
        + "|"
        + windowing
        + "|"
        + (random ? seed : "");
  }
}
