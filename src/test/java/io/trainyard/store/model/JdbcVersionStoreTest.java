package io.trainyard.store.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.label.Selection;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Provenance;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("service")
class JdbcVersionStoreTest extends ModelStoreTest {
  JdbcVersionStoreTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void versionsCountFromOneAndKeepEverything() {
    ModelVersion first = publish("m", "job-1");
    ModelVersion second = publish("m", "job-2");
    assertThat(first.version()).isEqualTo(1);
    assertThat(second.version()).isEqualTo(2);
    assertThat(stores.resolver.version("m", 1)).isEqualTo(first);
    assertThat(first.provenance())
        .isEqualTo(
            new Provenance.Trained(
                "job-1", "d@1", "ab", -7, Device.CPU, 1, Map.of("java", "25"), null));
    assertThat(first.encoding()).isNull();
    assertThat(stores.resolver.resolve("m", "latest")).isEqualTo(second);
    assertThat(stores.resolver.resolve("m", null)).isEqualTo(first);
    assertThat(stores.resolver.resolve("m", "1")).isEqualTo(first);
    assertThat(stores.versions.numbers("m", 5)).containsExactly(2, 1);
    assertCode(() -> stores.resolver.resolve("m", "3"), ErrorCode.VERSION_NOT_FOUND);
    assertCode(() -> stores.resolver.resolve("m", "99999999999"), ErrorCode.VERSION_NOT_FOUND);
    assertCode(() -> stores.resolver.resolve("m", "blue"), ErrorCode.ALIAS_NOT_FOUND);
    assertCode(() -> stores.resolver.resolve("x", "1"), ErrorCode.MODEL_NOT_FOUND);
    stores.versions.delete("m", 2);
    assertThat(publish("m", "job-3").version()).isEqualTo(3);
  }

  private static Selection by(String member) {
    return new Selection(Map.of(), null, null, null, new Selection.Order(member, false));
  }

  @Test
  void bothDatabasesKnowEveryOrder() {
    publish("m", "job-1");
    publish("m", "job-2");
    publish("n", "job-3");
    for (String member :
        List.of(
            "version",
            "model",
            "created_at",
            "bytes",
            "owner",
            "description",
            "archived",
            "quarantine",
            "val_loss",
            "test_accuracy")) {
      assertThat(stores.versions.select("m", by(member), null, 9)).as(member).hasSize(2);
    }
    for (String member :
        List.of(
            "name",
            "latest_version",
            "ready",
            "created_at",
            "updated_at",
            "owner",
            "description",
            "archived")) {
      assertThat(stores.models.select(by(member), Set.of("m@1"), null, 9)).as(member).hasSize(2);
    }
    // The first version has the alias production, and answers.
    assertThat(stores.models.select(by("ready"), Set.of("m@1"), null, 9))
        .extracting(placed -> placed.item().name())
        .containsExactly("m", "n");
    assertThat(stores.models.select(by("ready"), Set.of("n@1"), null, 9))
        .extracting(placed -> placed.item().name())
        .containsExactly("n", "m");
    assertCode(
        () -> stores.versions.select("m", by("val_lose"), null, 9), ErrorCode.INVALID_PARAMETER);
    assertCode(
        () -> stores.models.select(by("rows"), Set.of(), null, 9), ErrorCode.INVALID_PARAMETER);
  }

  @Test
  void jobPublishesOnce() {
    publish("m", "job-1");
    assertCode(() -> publish("m", "job-1"), ErrorCode.CONFLICT);
    assertThat(stores.versions.numbers("m", 9)).hasSize(1);
  }

  @Test
  void publishingIsUndoneWithItsTransaction() {
    assertThatThrownBy(
            () ->
                transaction.execute(
                    status -> {
                      publish("m", "job-1");
                      throw new IllegalStateException("the job was taken away");
                    }))
        .hasMessage("the job was taken away");
    assertThat(stores.models.find("m")).isEmpty();
  }

  @Test
  void aCommittedChangeCountsForItsOwnModelOnly() {
    long own = stores.versions.changes("m");
    long others = stores.versions.changes("other");
    publish("m", "job-1");
    assertThat(stores.versions.changes("m")).isGreaterThan(own);
    assertThat(stores.versions.changes("other")).isEqualTo(others);
    long before = stores.versions.changes("m");
    assertThatThrownBy(
            () ->
                transaction.execute(
                    status -> {
                      publish("m", "job-2");
                      throw new IllegalStateException("rolled back");
                    }))
        .hasMessage("rolled back");
    assertThat(stores.versions.changes("m")).isEqualTo(before);
  }

  @Test
  void concurrentPublishersGetDifferentNumbers() throws Exception {
    stores.models.create("m", SPEC);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> numbers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String job = "job-" + i;
        Callable<Integer> task = () -> publish("m", job).version();
        numbers.add(threads.submit(task));
      }
      List<Integer> got = new ArrayList<>();
      for (Future<Integer> number : numbers) {
        got.add(number.get());
      }
      assertThat(got).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
    }
  }
}
