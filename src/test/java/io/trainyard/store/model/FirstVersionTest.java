package io.trainyard.store.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.trainyard.access.AuditLog;
import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.model.Alias;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.Provenance;
import io.trainyard.model.serving.VersionServing;
import io.trainyard.store.access.JdbcAuditLog;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A model's first version gets production, and only it. */
@Tag("service")
class FirstVersionTest extends ModelStoreTest {
  FirstVersionTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void theFirstVersionServesAndLaterOnesDoNot() {
    stores.models.create("m", SPEC);
    assertThat(publish("m", "a").aliases()).containsExactly("production");
    assertThat(publish("m", "b").aliases()).isEmpty();
    assertThat(serving()).isEqualTo(1);
    assertThat(stores.aliases.history("m", "production", 9, null))
        .extracting(Alias.Move::version, Alias.Move::by)
        .containsExactly(tuple(1, "job a"));
    assertCode(
        () -> stores.aliases.rollback("m", "production", "api", Precondition.none()),
        ErrorCode.CONFLICT);
    stores.aliases.move("m", "production", 2, "api", Precondition.none());
    assertThat(stores.aliases.rollback("m", "production", "api", Precondition.none()).version())
        .isEqualTo(1);
  }

  @Test
  void theGrantIsAudited() {
    publish("m", "a");
    publish("m", "b");
    List<AuditLog.Entry> entries =
        new JdbcAuditLog(JdbcClient.create(database.source())).list(null, "/v1/models/m", null, 9);
    assertThat(entries).hasSize(1);
    AuditLog.Entry entry = entries.getFirst();
    assertThat(entry.resource()).isEqualTo("/v1/models/m/aliases/production");
    assertThat(entry.operation()).isEqualTo("alias.moved");
    assertThat(entry.caller()).isEmpty();
    assertThat(entry.callerName()).isEqualTo("anonymous");
    assertThat(entry.before()).isNull();
    assertThat(Json.read(String.valueOf(entry.after())).path("version").intValue()).isEqualTo(1);
  }

  @Test
  void aVersionThatMayNotServeGetsNothing() {
    assertThat(stores.versions.publish(imported("m"), false).aliases()).isEmpty();
    assertThat(publish("m", "b").aliases()).as("it is not the first").isEmpty();
    assertThat(serving()).as("the newest").isEqualTo(2);
    stores.versions.delete("m", 1);
    stores.versions.delete("m", 2);
    assertThat(publish("m", "c").aliases())
        .as("the model has no version, and never had the alias")
        .containsExactly("production");
  }

  @Test
  void theAliasDoesNotKeepTheOnlyVersion() {
    publish("m", "a");
    stores.versions.delete("m", 1);
    assertThat(stores.aliases.list("m")).isEmpty();
    assertThat(publish("m", "b").aliases()).as("the model has had the alias").isEmpty();
    publish("m", "c");
    assertThat(serving()).as("the newest").isEqualTo(3);
  }

  @Test
  void theAliasKeepsItsVersionWhereAnotherWouldServe() {
    publish("m", "a");
    publish("m", "b");
    assertCode(() -> stores.versions.delete("m", 1), ErrorCode.IN_USE);
    stores.versions.delete("m", 2);
    stores.versions.delete("m", 1);
  }

  @Test
  void theAliasDoesNotKeepTheModel() {
    publish("m", "a");
    publish("m", "b");
    stores.models.delete("m", Precondition.none());
    assertThat(stores.models.find("m")).isEmpty();
    assertThat(publish("m", "c").aliases())
        .as("another model of this name")
        .containsExactly("production");
    stores.aliases.move("m", "staging", 1, "api", Precondition.none());
    assertCode(() -> stores.versions.delete("m", 1), ErrorCode.IN_USE);
    assertCode(() -> stores.models.delete("m", Precondition.none()), ErrorCode.IN_USE);
    assertThat(serving()).as("a refusal changes nothing").isEqualTo(1);
    assertThat(stores.resolver.version("m", 1).aliases()).containsExactly("production", "staging");
  }

  @Test
  void aDeletedAliasStaysAway() {
    publish("m", "a");
    stores.aliases.delete("m", "production", Precondition.none());
    assertThat(publish("m", "b").aliases()).isEmpty();
    assertThat(serving()).isEqualTo(2);
    stores.versions.delete("m", 1);
    stores.versions.delete("m", 2);
    assertThat(publish("m", "c").aliases()).isEmpty();
  }

  @Test
  void theAliasIsLikeAnyOtherOnceSomebodyHasDecided() {
    publish("m", "a");
    assertThat(stores.serving.aliased()).as("it is not loaded at boot").isEmpty();
    Alias granted = stores.resolver.alias("m", "production");
    assertThat(stores.aliases.move("m", "production", 1, "api", Precondition.none()))
        .as("it does not move")
        .isEqualTo(granted);
    assertThat(stores.serving.aliased())
        .extracting(VersionServing::reference)
        .containsExactly("m@1");
    assertCode(() -> stores.versions.delete("m", 1), ErrorCode.IN_USE);
    assertCode(() -> stores.models.delete("m", Precondition.none()), ErrorCode.IN_USE);
  }

  /** A process of an earlier release does not say that its model grants the alias. */
  @Test
  void modelsOfEarlierReleasesKeepTheNewest() {
    stores.models.create("m", SPEC);
    int _ =
        JdbcClient.create(database.source())
            .sql("update models set grants_production = false")
            .update();
    assertThat(publish("m", "a").aliases()).isEmpty();
    publish("m", "b");
    assertThat(serving()).isEqualTo(2);
  }

  @Test
  void oneOfManyFirstVersionsServes() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<ModelVersion>> published = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String job = "job-" + i;
        Callable<ModelVersion> task = () -> publish("m", job);
        published.add(threads.submit(task));
      }
      for (Future<ModelVersion> each : published) {
        ModelVersion version = each.get();
        assertThat(version.aliases().contains("production")).isEqualTo(version.version() == 1);
      }
    }
    assertThat(serving()).isEqualTo(1);
  }

  private int serving() {
    return Identity.service().call(() -> stores.resolver.resolve("m", null).version());
  }

  private NewVersion imported(String model) {
    return new NewVersion(
        model,
        SPEC,
        null,
        Json.read("{}"),
        new Provenance.Imported(Map.of()),
        stores.weights.store(Map.of()),
        List.of());
  }
}
