package io.trainyard.store.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.trainyard.error.ErrorCode;
import io.trainyard.model.Precondition;
import io.trainyard.model.serving.ServingLimits;
import io.trainyard.model.serving.VersionServing;
import io.trainyard.store.database.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("service")
class JdbcServingStoreTest extends ModelStoreTest {
  JdbcServingStoreTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void decisionsAreKeptUntilTheirVersionGoes() {
    publish("m", "a");
    publish("m", "b");
    assertThat(stores.serving.versions()).isEmpty();
    assertThat(stores.serving.change("m", 1, VersionServing::load).loads()).isEqualTo(1);
    assertThat(stores.serving.change("m", 1, VersionServing::pin).pinned()).isTrue();
    assertThat(stores.serving.change("m", 1, VersionServing::load).loads()).isEqualTo(2);
    assertCode(() -> stores.serving.changeAll("m", true), ErrorCode.IN_USE);
    stores.serving.change("m", 1, VersionServing::unpin);
    stores.serving.changeAll("m", true);
    assertThat(stores.serving.versions())
        .extracting(VersionServing::reference, VersionServing::unloaded, VersionServing::loads)
        .containsExactly(tuple("m@2", true, 0), tuple("m@1", true, 2));
    stores.serving.changeAll("m", false);
    assertThat(stores.serving.versions()).noneMatch(VersionServing::unloaded);
    stores.versions.delete("m", 2);
    assertThat(stores.serving.versions()).hasSize(1);
    assertCode(
        () -> stores.serving.change("m", 2, VersionServing::pin), ErrorCode.VERSION_NOT_FOUND);
  }

  @Test
  void versionsUnderAnAliasAreListedWithProductionFirst() {
    publish("m", "a");
    publish("m", "b");
    publish("m", "c");
    stores.aliases.move("m", "production", 1, "api", Precondition.none());
    stores.aliases.move("m", "staging", 2, "api", Precondition.none());
    stores.aliases.move("m", "canary", 1, "api", Precondition.none());
    assertThat(stores.serving.aliased())
        .extracting(VersionServing::reference)
        .containsExactly("m@1", "m@2");
  }

  @Test
  void limitsAreReplaced() {
    publish("m", "a");
    assertThat(stores.serving.limits("m")).isEqualTo(ServingLimits.NONE);
    assertThat(stores.serving.limits()).isEmpty();
    ServingLimits limits = new ServingLimits(8, null, Duration.ofMillis(1500), 0);
    assertThat(stores.serving.put("m", limits, Precondition.none()).revision()).isEqualTo(1);
    assertThat(stores.serving.limits().get("m"))
        .isEqualTo(new ServingLimits(8, null, Duration.ofMillis(1500), 1));
    assertThat(stores.serving.put("m", ServingLimits.NONE, Precondition.none()).revision())
        .isEqualTo(2);
    assertThat(stores.serving.limits("m").timeout()).isNull();
    assertCode(() -> stores.serving.limits("nobody"), ErrorCode.MODEL_NOT_FOUND);
  }
}
