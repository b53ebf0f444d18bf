package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.serving.ModelLimits;
import io.trainyard.predict.compute.CallerTurns;
import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.predict.compute.Deadline;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Signature;
import io.trainyard.spec.layer.LayerSpec.Foreign.Together;
import io.trainyard.tensor.HostTensor;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Answers from model versions. The caller's thread reads the request and writes the answer; the
 * network runs on a compute thread, unless it is so small that the caller computes it.
 */
public final class Predictor implements AutoCloseable {
  /** How many rows callers send, few or many. */
  private static final int[] WARM_SIZES = {1, 8, 64};

  private static final int WARM_ROUNDS = 10;

  /** The longest time in which a version that was loaded computes rows of zeros. */
  private static final Duration WARM_UP = Duration.ofMillis(200);

  private final ResolvedVersions resolved;
  private final LoadedModels models;
  private final AliasTargets targets;
  private final ModelLimits modelLimits = new ModelLimits();
  private final AtomicLong provisionalIds = new AtomicLong();
  private final ComputeQueue queue;
  private final CallerTurns turns;
  private final PredictMetrics metrics;
  private final PredictProperties properties;
  private final PredictLimits limits;
  private final ByteBudget memory;

  /** Answers while the service practises without a version of its own. */
  private volatile @Nullable LoadedModel practice;

  /**
   * Starts without loaded models.
   *
   * @param loading runs the loading of versions
   */
  public Predictor(
      VersionResolver versions,
      VersionLoader loader,
      ComputeQueue queue,
      PredictMetrics metrics,
      PredictProperties properties,
      Executor loading) {
    this.resolved =
        new ResolvedVersions(versions, properties.resolvedFor().toNanos(), System::nanoTime);
    this.queue = queue;
    this.turns = new CallerTurns(properties.threadCount());
    this.metrics = metrics;
    this.properties = properties;
    this.limits = properties.limits();
    this.memory = new ByteBudget(properties.requestBytes());
    this.models =
        new LoadedModels(
            loader,
            new Lifecycle(),
            loading,
            properties.loadedBytes().toBytes(),
            new FailedLoads(properties.longestPause(), System::nanoTime));
    this.targets = new AliasTargets(models);
    metrics.watch(models, queue, memory);
  }

  private final class Lifecycle implements LoadedModels.Listener {
    @Override
    public void warmUp(LoadedModel model) {
      Predictor.this.warmUp(model);
    }

    @Override
    public void loaded(Duration time) {
      metrics.loaded(time);
    }

    @Override
    public void evicted(LoadedModel model, EvictionReason reason) {
      metrics.evicted(reason);
      metrics.forget(model.version());
    }
  }

  /** What a caller asks, in any protocol. */
  public interface Request {
    /**
     * The input tensors [rows, ...] for a model; throws the faults that it finds.
     *
     * @param memory counts the tensors
     */
    Map<String, HostTensor> inputs(LoadedModel model, ByteBudget.Reservation memory);

    /** Layers wanted in addition to the network's own outputs; known after {@link #inputs}. */
    List<String> outputs();

    /** How the request wants outputs decoded; known after {@link #inputs}. */
    default VersionDefinition definition(LoadedModel model) {
      return model.definition();
    }

    /** Whether the answer tells how much the members of an ensemble differ. */
    default boolean wantsMembers() {
      return false;
    }

    /** Computes more about the rows than their outputs. */
    default void analyse(Computation computation) {}
  }

  /**
   * Answers one request. The caller closes the prediction when it has written the answer.
   *
   * @param version a number, an alias, {@code latest}, or null for the alias production, else the
   *     newest
   */
  public Prediction predict(String model, @Nullable String version, Request request) {
    return predict(model, version, request, CallerWait.LONGEST);
  }

  /** As {@link #predict(String, String, Request)}, for a caller with a time limit of its own. */
  public Prediction predict(
      String model, @Nullable String version, Request request, CallerWait wait) {
    long start = System.nanoTime();
    PredictMetrics counts = metrics.own();
    PredictSpan span = counts.begin(model, start);
    ModelLimits.Limited own = modelLimits.of(model);
    Duration limit = shorter(own.timeout(properties.timeout()), wait.timeout());
    try {
      own.enter();
    } catch (ServiceException e) {
      refused(e, counts, span);
      throw e;
    }
    try {
      LoadedModel loaded = hold(model, version, shorter(limit, properties.loadTimeout()));
      try {
        Prediction prediction =
            answer(loaded, request, new Deadline(start, limit, wait.hasLeft()), counts, span);
        counts.answered(loaded, prediction.rows(), prediction.computedAt() - start);
        loaded.statistics().answered(prediction.computedAt() - start);
        return prediction;
      } catch (ServiceException e) {
        loaded.statistics().failed(System.nanoTime() - start);
        throw e;
      } finally {
        loaded.network().release();
      }
    } catch (ServiceException e) {
      refused(e, counts, span);
      throw e;
    } finally {
      own.leave();
    }
  }

  private LoadedModel hold(String model, @Nullable String version, Duration limit) {
    LoadedModel own = practice;
    if (own != null && Practice.isOn() && own.network().hold()) {
      return own;
    }
    return models.hold(targets.current(model, version, resolved.resolve(model, version)), limit);
  }

  private static void refused(
      ServiceException refusal, PredictMetrics counts, @Nullable PredictSpan span) {
    counts.refused(refusal.code());
    if (span != null) {
      span.failed(refusal);
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private Prediction answer(
      LoadedModel model,
      Request request,
      Deadline deadline,
      PredictMetrics counts,
      @Nullable PredictSpan span) {
    ByteBudget.Reservation reserved = memory.open(model.network().runsOnCallers());
    long before = System.nanoTime();
    try {
      Map<String, HostTensor> inputs = request.inputs(model, reserved);
      int rows = inputs.values().iterator().next().shape().axis(0);
      Set<String> others =
          request.outputs().isEmpty() ? Set.of() : besideOutputs(model.definition());
      OutputNames.check(request.outputs(), model.definition(), others);
      boolean members =
          request.wantsMembers()
              || request.outputs().stream()
                  .anyMatch(model.definition().uncertainties()::containsKey);
      List<String> own = members ? model.outputsWithMembers() : model.outputs();
      RowCost least = members ? model.costWithMembers() : model.rowCost();
      List<String> wanted = wanted(own, request.outputs(), others);
      RowCost cost = request.outputs().isEmpty() ? least : model.rowCost(wanted);
      reserved.add(rows, cost.outputBytes(), "output");
      ForwardPass work = work(model, inputs, wanted, cost, counts);
      long read = System.nanoTime();
      Map<String, HostTensor> outputs =
          model.network().asked(() -> compute(model.network(), work, deadline));
      long now = System.nanoTime();
      long waited = now - read - work.nanos();
      model.statistics().computed(rows, read - before, waited, work.nanos());
      counts.queued(waited);
      if (span != null) {
        span.computed(model.version(), rows, before, read, waited, now);
      }
      VersionDefinition definition = request.definition(model);
      request.analyse(
          new Computation(model, definition, inputs, outputs, queue, limits, reserved, deadline));
      return new Prediction(
          model.version(), definition, rows, outputs, reserved, model.statistics(), now, span);
    } catch (Throwable e) {
      // A computation or an analysis that was given up may still read its tensors.
      reserved.abandon();
      reserved.close();
      throw e;
    }
  }

  /** The names of tensors that targets have beside their numbers. */
  private static Set<String> besideOutputs(VersionDefinition definition) {
    Set<String> names = new LinkedHashSet<>(definition.deviations().keySet());
    names.addAll(definition.uncertainties().keySet());
    definition.certainties().forEach(each -> names.add(each.name()));
    return names;
  }

  private Map<String, HostTensor> compute(
      SharedNetwork network, ForwardPass work, Deadline deadline) {
    return network.runsOnCallers()
        ? turns.call(work, deadline)
        : queue.call(network.lane(), work, deadline);
  }

  /**
   * What is computed.
   *
   * @param own what is computed for each request
   * @param deviations names of what follows from the network's outputs
   */
  private static List<String> wanted(List<String> own, List<String> asked, Set<String> deviations) {
    if (asked.isEmpty()) {
      return own;
    }
    Set<String> wanted = new LinkedHashSet<>(own);
    wanted.addAll(asked);
    wanted.removeAll(deviations);
    return List.copyOf(wanted);
  }

  private ForwardPass work(
      LoadedModel model,
      Map<String, HostTensor> inputs,
      List<String> wanted,
      RowCost cost,
      PredictMetrics counts) {
    SharedNetwork network = model.network();
    int rows = inputs.values().iterator().next().shape().axis(0);
    int most = modelLimits.of(model.version().model()).batchRows(limits.rowsPerSlice(cost));
    NetworkSpec spec = model.definition().spec().network();
    if (spec.foreignTogether() == Together.REQUEST && rows > most) {
      throw new ServiceException(
          ErrorCode.INVALID_BODY,
          "The rows of %s depend on each other, so those of a request are computed at once: at most %d rows, got %d"
              .formatted(model.version().reference(), most, rows));
    }
    ForwardPass.Slices slices =
        network.runsOnCallers() ? limits.turns(cost, rows, most) : limits.slices(cost, rows, most);
    if (spec.isForeign()) {
      // Other callers' rows might change the answers: a file can be made to deceive each proof.
      slices = slices.alone();
    }
    return new ForwardPass(network, inputs, wanted, slices, counts::forwarded);
  }

  /** What operators decide about serving. */
  public ServingControl control() {
    return new ServingControl(models, modelLimits, properties.loadedBytes().toBytes());
  }

  /** The versions in memory. */
  public List<LoadedModel> loaded() {
    return models.all();
  }

  /** Frees the memory of versions that were deleted. */
  public void forget(String model, @Nullable Integer version) {
    models.drop(
        loaded -> loaded.model().equals(model) && (version == null || loaded.version() == version));
  }

  /** Loads and warms a version before callers are sent to it. */
  public void load(ModelVersion version) {
    models.load(version, properties.loadLimit());
  }

  /**
   * Loads and warms a version before it is published under an alias.
   *
   * @throws ServiceException LOADING when it is not loaded within the load limit
   */
  public Preloaded preload(NewVersion version) {
    ModelVersion provisional = version.provisional(provisionalIds.decrementAndGet());
    Preloaded preloaded = new Preloaded(models, provisional);
    try {
      load(provisional);
      return preloaded;
    } catch (RuntimeException e) {
      preloaded.close();
      throw e;
    }
  }

  /** A version that is loaded and warm before it is published. */
  public static final class Preloaded implements AutoCloseable {
    private final LoadedModels models;
    private final ModelVersion provisional;

    Preloaded(LoadedModels models, ModelVersion provisional) {
      this.models = models;
      this.provisional = provisional;
    }

    /** Keeps it loaded as the version that was published. */
    public void publishedAs(ModelVersion version) {
      models.adopt(provisional, version);
    }

    /** Frees its memory, unless it was published. */
    @Override
    public void close() {
      models.drop(provisional);
    }
  }

  /** Why a version's outputs cannot be answered; null when they can. */
  public @Nullable String fault(ModelVersion version, AnswerRoute routes) {
    LoadedModel model = models.hold(version, properties.loadLimit());
    try {
      return routes.fault(model.definition(), zeros(model, 1), 1);
    } finally {
      model.network().release();
    }
  }

  /**
   * The net that answers {@link Practice} from now on, until {@link #endPractice}. It is none of
   * the versions in memory.
   *
   * @param networks builds it, where it is not plain Java
   */
  public LoadedModel practise(NetworkLoader networks) {
    LoadedModel own = PracticeNetwork.load(networks);
    practice = own;
    return own;
  }

  /** Frees what {@link #practise} made. */
  public void endPractice() {
    LoadedModel own = practice;
    practice = null;
    if (own != null) {
      own.network().evict();
    }
  }

  /**
   * The first rows through a network are slow, and so are the first of each size, so rows of zeros
   * go before the callers' rows. How many, and for how long, is bounded: others are answered
   * beside.
   */
  private void warmUp(LoadedModel model) {
    long end = System.nanoTime() + WARM_UP.toNanos();
    var _ = zeros(model, 1);
    int most = limits.rowsPerSlice(model.rowCost());
    for (int round = 0; round < WARM_ROUNDS; round++) {
      for (int rows : WARM_SIZES) {
        if (properties.warmUp().isZero() || rows > most || System.nanoTime() > end) {
          return;
        }
        var _ = zeros(model, rows);
      }
    }
  }

  /** The outputs of rows of zeros. */
  private Map<String, HostTensor> zeros(LoadedModel model, int rows) {
    Map<String, HostTensor> inputs = Signature.zeros(model.signature().inputs(), rows);
    return Practice.call(
        () ->
            compute(
                model.network(),
                work(
                    model,
                    inputs,
                    model.outputsWithMembers(),
                    model.costWithMembers(),
                    metrics.own()),
                Deadline.in(properties.loadLimit())));
  }

  @Override
  public void close() {
    queue.close();
    models.close();
  }
}
