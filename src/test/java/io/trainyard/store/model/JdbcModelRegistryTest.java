package io.trainyard.store.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.Alias;
import io.trainyard.model.Model;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** On real databases. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
class JdbcModelRegistryTest {
  private static final JsonNode SPEC = Json.read("{\"name\":\"m\"}");

  private final TestDatabase kind;
  @TempDir Path folder;
  TestDatabase.Opened database;
  JdbcModelRegistry registry;
  TransactionTemplate transaction;

  JdbcModelRegistryTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    database = kind.open(folder);
    transaction = new TransactionTemplate(new JdbcTransactionManager(database.source()));
    registry =
        new JdbcModelRegistry(
            JdbcClient.create(database.source()),
            transaction,
            new DataDirectory(folder),
            Clock.systemUTC());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void modelsAreCreatedOnceAndChangedByPut() {
    Model created = registry.create("m", SPEC);
    assertThat(created.revision()).isEqualTo(1);
    assertThat(created.latestVersion()).isNull();
    assertThat(registry.findModel("m")).contains(created);
    assertCode(() -> registry.create("m", SPEC), ErrorCode.ALREADY_EXISTS);
    Model changed = registry.put("m", Json.read("{\"name\":\"m\",\"a\":1}"));
    assertThat(changed.revision()).isEqualTo(2);
    assertThat(changed.spec().get("a").intValue()).isEqualTo(1);
    assertThat(registry.put("n", SPEC).revision()).isEqualTo(1);
    assertThat(registry.findModel("x")).isEmpty();
    assertCode(() -> registry.model("x"), ErrorCode.MODEL_NOT_FOUND);
  }

  @Test
  void modelsAreListedNewestFirstInPages() {
    for (int i = 0; i < 5; i++) {
      registry.create("m" + i, SPEC);
    }
    List<Model> first = registry.models(2, null);
    assertThat(first).extracting(Model::name).containsExactly("m4", "m3");
    assertThat(registry.models(9, first.getLast().id()))
        .extracting(Model::name)
        .containsExactly("m2", "m1", "m0");
  }

  @Test
  void versionsCountFromOneAndKeepEverything() {
    ModelVersion first = publish("m", "job-1");
    ModelVersion second = publish("m", "job-2");
    assertThat(first.version()).isEqualTo(1);
    assertThat(second.version()).isEqualTo(2);
    assertThat(registry.version("m", 1)).isEqualTo(first);
    assertThat(first.provenance())
        .isEqualTo(
            new Provenance.Trained("job-1", "d@1", "ab", -7, Device.CPU, 1, Map.of("java", "25")));
    assertThat(first.encoding()).isNull();
    assertThat(registry.resolve("m", "latest")).isEqualTo(second);
    assertThat(registry.resolve("m", null)).isEqualTo(second);
    assertThat(registry.resolve("m", "1")).isEqualTo(first);
    assertThat(registry.versions("m", 5, null)).containsExactly(second, first);
    assertThat(registry.versions("m", 5, 2L)).containsExactly(first);
    assertCode(() -> registry.resolve("m", "3"), ErrorCode.VERSION_NOT_FOUND);
    assertCode(() -> registry.resolve("m", "99999999999"), ErrorCode.VERSION_NOT_FOUND);
    assertCode(() -> registry.resolve("m", "blue"), ErrorCode.ALIAS_NOT_FOUND);
    assertCode(() -> registry.resolve("x", "1"), ErrorCode.MODEL_NOT_FOUND);
    registry.deleteVersion("m", 2);
    assertThat(publish("m", "job-3").version()).isEqualTo(3);
  }

  @Test
  void jobPublishesOnce() {
    publish("m", "job-1");
    assertCode(() -> publish("m", "job-1"), ErrorCode.CONFLICT);
    assertThat(registry.versions("m", 9, null)).hasSize(1);
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
    assertThat(registry.findModel("m")).isEmpty();
  }

  @Test
  void aliasesMoveAndRollBackStepByStep() {
    publish("m", "a");
    publish("m", "b");
    publish("m", "c");
    assertThat(registry.moveAlias("m", "production", 1, "api").previousVersion()).isNull();
    assertThat(registry.moveAlias("m", "production", 2, "api").previousVersion()).isEqualTo(1);
    assertThat(registry.moveAlias("m", "production", 2, "api").previousVersion()).isEqualTo(1);
    registry.moveAlias("m", "production", 3, "job c");
    assertThat(registry.resolve("m", null).version()).isEqualTo(3);
    assertThat(registry.version("m", 3).aliases()).containsExactly("production");

    assertThat(registry.rollback("m", "production", "api").version()).isEqualTo(2);
    Alias back = registry.rollback("m", "production", "api");
    assertThat(back.version()).isEqualTo(1);
    assertThat(back.previousVersion()).isNull();
    assertCode(() -> registry.rollback("m", "production", "api"), ErrorCode.CONFLICT);
    assertThat(registry.history("m", "production", 9, null))
        .extracting(Alias.Move::version)
        .containsExactly(1, 2, 3, 2, 1);
    assertThat(registry.history("m", "production", 9, null).get(2).by()).isEqualTo("job c");

    registry.deleteAlias("m", "production");
    assertCode(() -> registry.alias("m", "production"), ErrorCode.ALIAS_NOT_FOUND);
    assertCode(() -> registry.moveAlias("m", "production", 9, "api"), ErrorCode.VERSION_NOT_FOUND);
  }

  @Test
  void whatIsNeededCannotBeDeleted() {
    ModelVersion inner = publish("inner", "a");
    ModelVersion outer =
        registry.publish(
            new NewVersion(
                "outer",
                SPEC,
                null,
                JsonNodeFactory.instance.objectNode(),
                new Provenance.Imported(Map.of()),
                inner.weights(),
                List.of(inner.id())));
    assertCode(() -> registry.deleteVersion("inner", 1), ErrorCode.IN_USE);
    assertCode(() -> registry.deleteModel("inner"), ErrorCode.IN_USE);
    registry.moveAlias("outer", "production", outer.version(), "api");
    assertCode(() -> registry.deleteVersion("outer", 1), ErrorCode.IN_USE);
    assertCode(() -> registry.deleteModel("outer"), ErrorCode.IN_USE);
    registry.deleteAlias("outer", "production");
    registry.deleteModel("outer");
    registry.deleteModel("inner");
    assertThat(registry.models(9, null)).isEmpty();
  }

  @Test
  void weightsAreStoredOnceAndCheckedWhenRead() throws Exception {
    Map<String, HostTensor> weights = Map.of("l.weight", HostTensor.ofFloats(Shape.of(2), 1, 2));
    StoredWeights stored = registry.storeWeights(weights);
    assertThat(registry.storeWeights(weights)).isEqualTo(stored);
    try (SafeTensors opened = registry.openWeights(stored)) {
      assertThat(opened.tensor("l.weight").toFloats()).containsExactly(1, 2);
    }
    Path file = registry.weightsFile(stored);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertCode(() -> registry.openWeights(stored), ErrorCode.CORRUPT_FILE);
    Files.delete(file);
    assertCode(() -> registry.openWeights(stored), ErrorCode.CORRUPT_FILE);
    registry.storeWeights(weights);
    registry.openWeights(stored).close();
  }

  @Test
  void concurrentPublishersGetDifferentNumbers() throws Exception {
    registry.create("m", SPEC);
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

  private ModelVersion publish(String model, String job) {
    StoredWeights weights =
        registry.storeWeights(Map.of("l.bias", HostTensor.ofFloats(Shape.of(1), 3)));
    return registry.publish(
        new NewVersion(
            model,
            SPEC,
            null,
            Json.read("{\"val_loss\":0.5}"),
            new Provenance.Trained(job, "d@1", "ab", -7, Device.CPU, 1, Map.of("java", "25")),
            weights,
            List.of()));
  }

  private static void assertCode(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
  }
}
