package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.label.Labels;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers of an alias are sent to a version only once it is loaded. */
@Timeout(30)
class AliasTargetsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final FakeModels fakes = new FakeModels();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private CountDownLatch gate = new CountDownLatch(0);
  private boolean fails;
  private final FakeNetwork network = new FakeNetwork();
  private final LoadedModels models =
      fakes.models((_, _, _) -> network(), _ -> {}, threads, Duration.ZERO);
  private final AliasTargets targets = new AliasTargets(models);

  private LoadedNetwork network() {
    try {
      assertThat(gate.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return network;
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void versionBeforeAnswersUntilTheNewOneIsLoaded() {
    ModelVersion first = fakes.add(10);
    ModelVersion second = fakes.add(10);
    models.load(first, PATIENCE);
    assertThat(targets.current("m", "blue", first)).isEqualTo(first);
    gate = new CountDownLatch(1);
    assertThat(targets.current("m", "blue", second)).isEqualTo(first);
    assertThat(targets.current("m", "blue", second)).isEqualTo(first);
    assertThat(targets.current("m", "2", second)).as("a number is not an alias").isEqualTo(second);
    assertThat(targets.current("m", null, second)).as("the newest is none").isEqualTo(second);
    gate.countDown();
    models.load(second, PATIENCE);
    assertThat(targets.current("m", "blue", second)).isEqualTo(second);
  }

  /** Another process has deleted the model, and its first version serves without a warm-up. */
  @Test
  void versionOfAModelThatWasMadeAgainIsNotAnsweredFromTheOneBefore() {
    ModelVersion deleted = fakes.add(10);
    models.load(deleted, PATIENCE);
    assertThat(targets.current("m", "blue", deleted)).isEqualTo(deleted);
    ModelVersion again =
        new ModelVersion(
            deleted.id() + 7,
            "m",
            deleted.version(),
            deleted.spec(),
            null,
            deleted.metrics(),
            deleted.provenance(),
            deleted.weights(),
            List.of("blue"),
            deleted.createdAt(),
            Labels.NONE);
    gate = new CountDownLatch(1);
    assertThat(targets.current("m", "blue", again)).isEqualTo(again);
    gate.countDown();
  }

  @Test
  void versionBeforeAnswersWhileTheNewOneCannotBeLoaded() {
    ModelVersion first = fakes.add(10);
    ModelVersion second = fakes.add(10);
    LoadedModels failing =
        fakes.models(
            (_, _, _) -> {
              if (fails) {
                throw new IllegalStateException("the disk is away");
              }
              return network;
            },
            _ -> {},
            Runnable::run,
            Duration.ofMinutes(1));
    AliasTargets of = new AliasTargets(failing);
    failing.load(first, PATIENCE);
    assertThat(of.current("m", "blue", first)).isEqualTo(first);
    fails = true;
    assertThat(of.current("m", "blue", second)).as("it is tried").isEqualTo(first);
    assertThat(of.current("m", "blue", second)).as("it is not tried again yet").isEqualTo(first);
  }

  @Test
  void newAliasIsAnsweredFromItsVersion() {
    ModelVersion first = fakes.add(10);
    ModelVersion second = fakes.add(10);
    assertThat(targets.current("m", "blue", first)).isEqualTo(first);
    assertThat(targets.current("m", "blue", second))
        .as("the one before is not loaded either")
        .isEqualTo(second);
  }

  @Test
  void preloadedVersionIsReadyWhenItIsPublished() {
    ModelVersion first = fakes.add(10);
    models.load(first, PATIENCE);
    assertThat(targets.current("m", "blue", first)).isEqualTo(first);
    ModelVersion second = fakes.add(10);
    ModelVersion provisional =
        new ModelVersion(
            -1,
            "m",
            0,
            second.spec(),
            null,
            second.metrics(),
            second.provenance(),
            second.weights(),
            List.of(),
            second.createdAt(),
            Labels.NONE);
    models.load(provisional, PATIENCE);
    Predictor.Preloaded preloaded = new Predictor.Preloaded(models, provisional);
    preloaded.publishedAs(second);
    preloaded.close();
    assertThat(targets.current("m", "blue", second)).isEqualTo(second);
    assertThat(models.hold(second, PATIENCE).version()).isEqualTo(second);
    assertThat(models.count()).isEqualTo(2);
    assertThat(network.closed).hasValue(0);
  }

  @Test
  void preloadedVersionThatIsNotPublishedFreesItsMemory() {
    ModelVersion version = fakes.add(10);
    models.load(version, PATIENCE);
    new Predictor.Preloaded(models, version).close();
    assertThat(models.bytes()).isZero();
    assertThat(network.closed).hasValue(1);
  }
}
