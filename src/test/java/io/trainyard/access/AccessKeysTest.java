package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.trainyard.SetClock;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.LoggerFactory;

@Timeout(60)
@Execution(ExecutionMode.SAME_THREAD)
class AccessKeysTest {
  private final FakeStore store = new FakeStore();
  private final SetClock clock = new SetClock(Instant.parse("2030-01-01T00:00:00Z"));
  private final AccessKeys keys = keys();

  private AccessKeys keys() {
    return new AccessKeys(store, Limits.NONE, Duration.ofSeconds(2), true, clock);
  }

  /** Counts its readings. */
  private static final class FakeStore implements AccessKeyStore {
    final List<AccessKey> stored = new ArrayList<>();
    final Map<String, Instant> used = new HashMap<>();
    final AtomicInteger reads = new AtomicInteger();
    boolean isAway;
    volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public List<AccessKey> all() {
      if (isAway) {
        throw new IllegalStateException("the database is away");
      }
      reads.incrementAndGet();
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return List.copyOf(stored);
    }

    @Override
    public boolean insert(AccessKey key) {
      return stored.stream().noneMatch(other -> other.id().equals(key.id())) && stored.add(key);
    }

    @Override
    public boolean delete(String id, boolean leavesAdmin) {
      return stored.removeIf(key -> key.id().equals(id));
    }

    @Override
    public void used(Map<String, Instant> times) {
      used.putAll(times);
    }
  }

  private String make(Scope scope, @Nullable Instant expiresAt) {
    return keys.create(
            new AccessKey.Wanted(
                "some", Set.of(scope), Binding.ALL, Binding.ALL, Limits.NONE, 0, expiresAt))
        .text();
  }

  private static void refuses(AccessKeys keys, String text, String why) {
    assertThatThrownBy(() -> keys.identify(text))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
              assertThat(e.detail()).contains(why);
            });
  }

  @Test
  void keyHas256RandomBitsAndAChecksum() {
    String key = KeyText.random();
    assertThat(key).matches("ty_[0-9a-f]{64}[0-9a-f]{8}").isNotEqualTo(KeyText.random());
    assertThat(KeyText.isWellFormed(key)).isTrue();
    for (int i = 3; i < key.length(); i++) {
      char other = key.charAt(i) == '0' ? '1' : '0';
      String changed = key.substring(0, i) + other + key.substring(i + 1);
      assertThat(KeyText.isWellFormed(changed)).as(changed).isFalse();
    }
  }

  @Test
  void knownKeyAsksNoDatabase() {
    String key = make(Scope.READ, null);
    store.reads.set(0);
    for (int i = 0; i < 1000; i++) {
      assertThat(keys.identify(key).scopes()).containsExactly(Scope.READ);
    }
    assertThat(store.reads).hasValue(0);
    store.isAway = true;
    assertThat(keys.identify(key).name()).isEqualTo("some");
  }

  @Test
  void onlyTheKeyItselfIsKnown() {
    String key = make(Scope.READ, null);
    refuses(keys, key.substring(1), "not known");
    refuses(keys, key + " ", "not known");
    refuses(keys, key.toUpperCase(Locale.ROOT), "not known");
    refuses(keys, store.stored.getFirst().sha256(), "not known");
    refuses(keys, store.stored.getFirst().prefix(), "not known");
    refuses(keys, "", "not known");
  }

  @Test
  void keyOfAnotherProcessIsFoundAtOnceButWrongOnesCostLittle() throws InterruptedException {
    AccessKeys other = keys();
    other.read();
    Thread.sleep(250);
    String key = make(Scope.READ, null);
    assertThat(other.identify(key).scopes()).containsExactly(Scope.READ);
    store.reads.set(0);
    long start = System.nanoTime();
    for (int i = 0; i < 10_000; i++) {
      refuses(other, "guess" + i, "not known");
    }
    assertThat(store.reads).hasValue(0);
    for (int i = 0; i < 10_000; i++) {
      refuses(other, KeyText.random(), "not known");
    }
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    assertThat(store.reads.get()).isLessThanOrEqualTo(1 + (int) (millis / 200));
    store.isAway = true;
    Thread.sleep(250);
    refuses(other, KeyText.random(), "not known");
    assertThat(other.identify(key).scopes()).containsExactly(Scope.READ);
  }

  /** One caller reads the keys, and those who wait for that do not read them again. */
  @Test
  void unknownKeysOfTheSameMomentAreLookedUpOnce() throws InterruptedException {
    AccessKeys other = keys();
    other.read();
    Thread.sleep(250);
    String key = make(Scope.READ, null);
    store.reads.set(0);
    store.gate = new CountDownLatch(1);
    FutureTask<Identity> found = new FutureTask<>(() -> other.identify(key));
    Thread first = Thread.ofPlatform().start(found);
    while (store.reads.get() == 0) {
      Thread.sleep(1);
    }
    FutureTask<Identity> alsoFound = new FutureTask<>(() -> other.identify(key));
    Thread second = Thread.ofPlatform().start(alsoFound);
    while (second.getState() == Thread.State.RUNNABLE || second.getState() == Thread.State.NEW) {
      Thread.sleep(1);
    }
    store.gate.countDown();
    first.join();
    second.join();
    assertThat(store.reads).hasValue(1);
    assertThat(List.of(found.resultNow(), alsoFound.resultNow()))
        .allSatisfy(identity -> assertThat(identity.scopes()).containsExactly(Scope.READ));
  }

  @Test
  void keyEndsWhenItExpires() {
    String key = make(Scope.READ, clock.now.plusSeconds(10));
    keys.identify(key);
    clock.now = clock.now.plusSeconds(9);
    keys.identify(key);
    clock.now = clock.now.plusSeconds(1);
    refuses(keys, key, "expired at 2030-01-01T00:00:10Z");
  }

  /** It is neither deleted by a clock that is wrong, nor valid for longer. */
  @Test
  void keyFollowsAClockThatJumps() {
    Instant right = clock.now;
    String key = make(Scope.READ, right.plus(Duration.ofMinutes(30)));
    for (Duration ahead : List.of(Duration.ofHours(1), Duration.ofDays(1))) {
      clock.now = right.plus(ahead);
      refuses(keys, key, "expired at 2030-01-01T00:30:00Z");
      clock.now = right.minus(ahead);
      keys.read();
      keys.identify(key);
      clock.now = right;
      keys.identify(key);
    }
    clock.now = right.plus(Duration.ofMinutes(31));
    refuses(keys, key, "expired at 2030-01-01T00:30:00Z");
  }

  @Test
  void lastUseIsStoredWhenTheProcessEnds() {
    String key = make(Scope.READ, null);
    keys.identify(key);
    assertThat(keys.list().getFirst().lastUsedAt()).isEqualTo(clock.now);
    keys.close();
    assertThat(store.used).containsEntry(store.stored.getFirst().id(), clock.now);
  }

  @Test
  void operatorsKeyTakesThePlaceOfTheOneBefore() {
    keys.adopt("a".repeat(40), "VARIABLE");
    keys.adopt("a".repeat(40), "VARIABLE");
    assertThat(keys.identify("a".repeat(40)).has(Scope.DATASETS_WRITE)).isTrue();
    assertThat(store.stored).hasSize(1);
    keys.adopt("b".repeat(40), "VARIABLE");
    assertThat(keys.identify("b".repeat(40)).has(Scope.ADMIN)).isTrue();
    refuses(keys, "a".repeat(40), "not known");
    assertThat(keys.first()).isEmpty();
  }

  /** The output of a start says that a key is valid, if this start has made it so. */
  @Test
  void operatorIsToldOnceThatTheKeyIsValid() {
    Logger logger = (Logger) LoggerFactory.getLogger(AccessKeys.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      keys.adopt("a".repeat(40), "VARIABLE");
      keys.adopt("a".repeat(40), "VARIABLE");
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("The key in VARIABLE is valid from now on");
  }

  /** A hand or a backup has put in a row of the same key that may do less. */
  @Test
  void operatorIsAnAdministratorWhateverIsStored() {
    String text = "a".repeat(40);
    keys.adopt(text, "VARIABLE");
    AccessKey own = store.stored.removeFirst();
    for (String id : List.of("demoted", own.id())) {
      store.stored.clear();
      store.stored.add(changed(own, id, own.sha256(), Set.of(Scope.READ)));
      keys.read();
      assertThat(keys.identify(text).has(Scope.ADMIN)).isFalse();
      keys.adopt(text, "VARIABLE");
      assertThat(keys.identify(text).has(Scope.ADMIN)).isTrue();
      assertThat(store.stored).hasSize(1);
    }
  }

  /** All other keys stay valid, and an administrator can see and delete the row. */
  @Test
  void rowThatIsNoKeyIsLeftOut() {
    String good = make(Scope.READ, null);
    AccessKey key = store.stored.getFirst();
    for (String hash : List.of("zz", "", key.sha256().substring(2), "é".repeat(64))) {
      store.stored.add(changed(key, "bad" + hash, hash, Set.of(Scope.ADMIN)));
    }
    keys.read();
    assertThat(keys.identify(good).has(Scope.READ)).isTrue();
    refuses(keys, "zz", "not known");
    assertThat(keys.list()).hasSize(5);
    keys.delete("badzz");
    assertThat(keys.list()).hasSize(4);
  }

  private static AccessKey changed(AccessKey key, String id, String sha256, Set<Scope> scopes) {
    return new AccessKey(
        id,
        key.name(),
        key.prefix(),
        sha256,
        scopes,
        key.models(),
        key.datasets(),
        key.limits(),
        key.maxPriority(),
        key.createdBy(),
        key.createdAt(),
        null,
        null);
  }

  @Test
  void firstKeyIsMadeOnceAndAgainWhenNoneIsLeft() {
    String first = keys.first().orElseThrow();
    store.isAway = true;
    assertThat(keys.identify(first).has(Scope.ADMIN)).as("without the database").isTrue();
    store.isAway = false;
    assertThat(keys.first()).isEmpty();
    store.stored.clear();
    make(Scope.READ, null);
    assertThat(keys.first()).isPresent();
  }

  @Test
  void adminIsForAllModelsAndDatasets() {
    for (Identity bound :
        List.of(
            bound(Binding.of(List.of("m")), Binding.ALL),
            bound(Binding.ALL, Binding.of(List.of("m"))))) {
      assertThat(bound.has(Scope.READ)).isTrue();
      assertThat(bound.has(Scope.ADMIN)).isFalse();
      assertThatThrownBy(() -> bound.requirePriority(1)).hasMessageContaining("max_priority");
      assertThatThrownBy(() -> bound.requireUnbound("This")).hasMessageContaining("s m");
    }
    Identity free = bound(Binding.of(List.of("m", "*")), Binding.ALL);
    assertThat(free.has(Scope.DATASETS_WRITE)).isTrue();
    free.requirePriority(100);
  }

  private static Identity bound(Binding models, Binding datasets) {
    return new Identity(
        "k", "k", Set.of(Scope.ADMIN, Scope.READ), models, datasets, Limits.NONE, 0);
  }

  @Test
  void bindingPermitsItsNamesAndBeginnings() {
    Binding binding = Binding.of(List.of("iris", "team-a.*"));
    assertThat(List.of("iris", "team-a.", "team-a.x")).allMatch(binding::permits);
    assertThat(List.of("iris2", "iri", "team-a", "team-b.x", "team-axx", "*", ""))
        .noneMatch(binding::permits);
    assertThat(binding.names()).containsExactly("iris");
    assertThat(binding.beginnings()).containsExactly("team-a.");
    assertThat(Binding.NONE.permits("iris")).isFalse();
    assertThat(Binding.NONE.permits("")).isFalse();
    assertThat(Binding.ALL.permits("iris")).isTrue();
  }

  @Test
  void bindingsOfTheSameWordsAreEqual() {
    Binding binding = Binding.of(List.of("iris", "team-a.*"));
    assertThat(binding).isEqualTo(Binding.of(List.of("team-a.*", "iris")));
    assertThat(binding).hasSameHashCodeAs(Binding.of(List.of("team-a.*", "iris")));
    assertThat(binding).isNotEqualTo(Binding.of(List.of("iris"))).isNotEqualTo(Binding.ALL);
    assertThat(Binding.of(List.of("iris", "*"))).isEqualTo(Binding.ALL);
  }

  @Test
  void whatIsNoListOfNamesBindsToNothing() {
    for (Object claim :
        Arrays.asList(null, "iris", "*", List.of(), 1, true, Map.of("iris", 1), List.of("*", 1))) {
      assertThat(Binding.ofAnything(claim)).as("%s", claim).isEqualTo(Binding.NONE);
    }
    assertThat(Binding.ofAnything(List.of("*"))).isEqualTo(Binding.ALL);
    assertThat(Binding.ofAnything(List.of("b", "a")).words()).containsExactly("a", "b");
  }

  @Test
  void threadThatDoesNotSayWhoItIsMayDoNothing() throws Exception {
    AtomicReference<Identity> seen = new AtomicReference<>();
    Thread.ofPlatform().start(() -> seen.set(Identity.current())).join();
    Identity nobody = Objects.requireNonNull(seen.get());
    assertThat(nobody).isEqualTo(Identity.nobody());
    assertThat(nobody.permitsModel("m")).isFalse();
    assertThat(nobody.permitsDataset("d")).isFalse();
    for (Scope scope : Scope.values()) {
      assertThat(nobody.has(scope)).isFalse();
    }
    Thread.ofPlatform().start(Identity.service().doing(() -> seen.set(Identity.current()))).join();
    assertThat(seen.get().permitsModel("m")).isTrue();
  }
}
