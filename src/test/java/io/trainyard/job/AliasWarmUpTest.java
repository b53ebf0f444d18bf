package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.SetClock;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.process.Preloader.Preloaded;
import io.trainyard.json.StrictJson;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.train.MeasuredForms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AliasWarmUpTest {
  private static final NewVersion VERSION =
      new NewVersion(
          "m",
          StrictJson.parse("{}"),
          null,
          StrictJson.parse("{}"),
          new Provenance.Imported(Map.of()),
          new StoredWeights("ab", 0),
          List.of());

  private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");

  /** Only waiting moves it. */
  private final SetClock clock = new SetClock(BEGIN);

  /** What loading throws, one after the other; the last one again and again. */
  private final Deque<RuntimeException> failures = new ArrayDeque<>();

  private boolean staysBroken;
  private int loads;

  private static final class Outage extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** As the store retries in an outage, without its pauses. */
  private static final class OutagesHere implements Outages {
    @Override
    public <T> T retryWhileDown(Supplier<T> change) {
      while (true) {
        try {
          return change.get();
        } catch (Outage e) {
          // the next try
        }
      }
    }

    @Override
    public boolean isOutage(RuntimeException failure) {
      return failure instanceof Outage;
    }
  }

  private void fail() {
    RuntimeException next = staysBroken ? failures.peek() : failures.poll();
    if (next != null) {
      throw next;
    }
  }

  private AliasWarmUp warmUp() {
    return new AliasWarmUp(
        _ -> {
          fail();
          return true;
        },
        _ -> {
          loads++;
          return new Loaded();
        },
        new BusyRetries(new OutagesHere(), clock, time -> clock.now = clock.now.plus(time)));
  }

  private static final class Loaded implements Preloaded {
    @Override
    public void published(String model, int version) {}

    @Override
    public void close() {}
  }

  private Attempts.Publication publication(@Nullable String alias) {
    return new Attempts.Publication(VERSION, "{}", alias, null, null, null, MeasuredForms.NONE);
  }

  private Attempts.Publication warmed(@Nullable String alias, boolean hurried) {
    try (var warmed = warmUp().warmUp(publication(alias), () -> hurried)) {
      return warmed.publication();
    }
  }

  private static ServiceException fault(ErrorCode code) {
    return new ServiceException(code, "for a reason");
  }

  @Test
  void aVersionThatCannotAnswerIsPublishedWithoutItsAlias() {
    failures.add(new ServiceException(ErrorCode.NOT_ANSWERABLE, "no prediction"));
    Attempts.Publication publication = warmed("production", false);
    assertThat(publication.version()).isSameAs(VERSION);
    assertThat(publication.objection())
        .isEqualTo("the version cannot answer (not_answerable): no prediction");
    assertThat(publication.answers()).isFalse();
    assertThat(loads).isZero();
  }

  @Test
  void anInvalidVersionIsPublishedWithoutItsAlias() {
    failures.add(fault(ErrorCode.TOO_MUCH_MEMORY));
    assertThat(warmed("production", false).objection())
        .isEqualTo("the version could not be loaded (too_much_memory): for a reason");
    assertThat(clock.now).isEqualTo(BEGIN);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"QUEUE_FULL", "LOADING", "UNAVAILABLE", "OUT_OF_MEMORY"})
  void aBusyServiceIsAskedAgain(ErrorCode code) {
    failures.addAll(List.of(fault(code), fault(code), fault(code)));
    assertThat(warmed("production", false)).isEqualTo(publication("production"));
    assertThat(loads).isEqualTo(1);
    assertThat(Duration.between(BEGIN, clock.now)).isEqualTo(Duration.ofSeconds(1 + 2 + 4));
  }

  @Test
  void aFileThatCannotBeReadNowIsReadAgain() {
    failures.add(new UncheckedIOException(new IOException("stale handle")));
    assertThat(warmed("production", false)).isEqualTo(publication("production"));
  }

  @Test
  void anOutageIsWaitedOut() {
    failures.addAll(List.of(new Outage(), new Outage()));
    assertThat(warmed("production", false)).isEqualTo(publication("production"));
    assertThat(clock.now).isEqualTo(BEGIN);
  }

  @Test
  void afterTenMinutesTheAliasMovesInTheBackground() {
    failures.add(fault(ErrorCode.LOADING));
    staysBroken = true;
    Attempts.Publication publication = warmed("production", false);
    assertThat(publication.moves()).isTrue();
    assertThat(publication.delay())
        .isEqualTo("the version could not be loaded (loading): for a reason");
    assertThat(Duration.between(BEGIN, clock.now))
        .isBetween(Duration.ofMinutes(9), BusyRetries.LIMIT);
  }

  @Test
  void aJobThatIsToEndDoesNotWait() {
    failures.add(fault(ErrorCode.LOADING));
    assertThat(warmed("production", true).delay()).isNotNull();
    failures.add(fault(ErrorCode.LOADING));
    assertThat(warmed(null, false)).as("no alias to wait for").isEqualTo(publication(null));
    assertThat(clock.now).isEqualTo(BEGIN);
  }

  @Test
  void damagedWeightsAreNotPublished() {
    failures.add(fault(ErrorCode.CORRUPT_FILE));
    assertThatThrownBy(() -> warmed("production", false))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_FILE));
  }

  @Test
  void aFaultOfTheServiceIsNamed() {
    failures.add(new IllegalStateException("a bug"));
    assertThat(warmed("production", false).objection())
        .isEqualTo("the version could not be loaded (internal): the log has more");
  }
}
