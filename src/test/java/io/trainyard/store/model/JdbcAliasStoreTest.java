package io.trainyard.store.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import io.trainyard.model.Alias;
import io.trainyard.model.Precondition;
import io.trainyard.store.database.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("service")
class JdbcAliasStoreTest extends ModelStoreTest {
  JdbcAliasStoreTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void aliasesMoveAndRollBackStepByStep() {
    publish("m", "a");
    publish("m", "b");
    publish("m", "c");
    assertThat(
            stores.aliases.move("m", "production", 1, "api", Precondition.none()).previousVersion())
        .isNull();
    assertThat(
            stores.aliases.move("m", "production", 2, "api", Precondition.none()).previousVersion())
        .isEqualTo(1);
    assertThat(
            stores.aliases.move("m", "production", 2, "api", Precondition.none()).previousVersion())
        .isEqualTo(1);
    stores.aliases.move("m", "production", 3, "job c", Precondition.none());
    assertThat(stores.resolver.resolve("m", null).version()).isEqualTo(3);
    assertThat(stores.resolver.version("m", 3).aliases()).containsExactly("production");

    assertThat(stores.aliases.rollback("m", "production", "api", Precondition.none()).version())
        .isEqualTo(2);
    Alias back = stores.aliases.rollback("m", "production", "api", Precondition.none());
    assertThat(back.version()).isEqualTo(1);
    assertThat(back.previousVersion()).isNull();
    assertCode(
        () -> stores.aliases.rollback("m", "production", "api", Precondition.none()),
        ErrorCode.CONFLICT);
    assertThat(stores.aliases.history("m", "production", 9, null))
        .extracting(Alias.Move::version)
        .containsExactly(1, 2, 3, 2, 1);
    assertThat(stores.aliases.history("m", "production", 9, null).get(2).by()).isEqualTo("job c");

    stores.aliases.delete("m", "production", Precondition.none());
    assertCode(() -> stores.resolver.alias("m", "production"), ErrorCode.ALIAS_NOT_FOUND);
    assertCode(
        () -> stores.aliases.move("m", "production", 9, "api", Precondition.none()),
        ErrorCode.VERSION_NOT_FOUND);
  }
}
