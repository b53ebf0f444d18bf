package io.trainyard.store.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.access.AccessKey;
import io.trainyard.access.AuditLog;
import io.trainyard.access.Binding;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.access.StoredUsage;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.TestDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** On real databases. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JdbcAccessTest {
  private static final Instant TIME = Instant.parse("2030-01-01T00:00:00.123456Z");

  private final TestDatabase kind;
  @TempDir Path folder;
  private TestDatabase.Opened database;
  private JdbcClient jdbc;
  private JdbcAccessKeyStore keys;

  JdbcAccessTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    database = kind.open(folder);
    jdbc = JdbcClient.create(database.source());
    keys =
        new JdbcAccessKeyStore(
            jdbc,
            new TransactionTemplate(new JdbcTransactionManager(database.source())),
            Clock.fixed(TIME, ZoneOffset.UTC));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static AccessKey key(String id, Scope scope, @Nullable Instant expiresAt) {
    return new AccessKey(
        id,
        "name",
        "ty_1234",
        id.repeat(64).substring(0, 64),
        Set.of(scope, Scope.PREDICT),
        scope == Scope.ADMIN ? Binding.ALL : Binding.of(List.of("b", "a", "team-a.*")),
        scope == Scope.ADMIN ? Binding.ALL : Binding.of(List.of("iris")),
        new Limits(1, null, 1L << 40, 4),
        scope == Scope.ADMIN ? 0 : 7,
        "somebody",
        TIME,
        expiresAt,
        null);
  }

  @Test
  void keyIsReadAsItWasStored() {
    AccessKey key = key("a", Scope.READ, TIME.plusSeconds(1));
    assertThat(keys.insert(key)).isTrue();
    assertThat(keys.insert(key)).isFalse();
    assertThat(keys.all()).containsExactly(key);
    keys.used(Map.of("a", TIME.plusSeconds(5)));
    keys.used(Map.of("a", TIME));
    assertThat(keys.all().getFirst().lastUsedAt()).isEqualTo(TIME.plusSeconds(5));
  }

  private void refuses(String id) {
    assertThatThrownBy(() -> keys.delete(id, true))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IN_USE));
  }

  @Test
  void lastAdministratorStaysAndOnlyThat() {
    keys.insert(key("a", Scope.ADMIN, null));
    keys.insert(key("b", Scope.ADMIN, TIME.plusSeconds(60)));
    keys.insert(key("c", Scope.READ, null));
    refuses("a");
    assertThat(keys.all()).hasSize(3);
    keys.insert(key("d", Scope.ADMIN, null));
    assertThat(keys.delete("a", true)).isTrue();
    assertThat(keys.delete("a", true)).isFalse();
    assertThat(keys.delete("b", true)).isTrue();
    assertThat(keys.delete("c", true)).isTrue();
    refuses("d");
    assertThat(keys.delete("d", false)).isTrue();
  }

  /** No key of an administrator was there before, or is there afterwards. */
  @Test
  void keyIsRevokedWhereNoAdministratorIsLeft() {
    keys.insert(key("a", Scope.READ, null));
    keys.insert(key("b", Scope.ADMIN, TIME));
    keys.insert(key("c", Scope.ADMIN, TIME.plusSeconds(9)));
    assertThat(keys.delete("a", true)).isTrue();
    assertThat(keys.delete("b", true)).isTrue();
    refuses("c");
    keys.insert(key("d", Scope.ADMIN, TIME.plusSeconds(1)));
    assertThat(keys.delete("c", true)).isTrue();
  }

  @Test
  void ofTwoAdministratorsWhoAreRevokedAtOnceOneStays() throws Exception {
    for (int round = 0; round < 20; round++) {
      keys.insert(key("a", Scope.ADMIN, null));
      keys.insert(key("b", Scope.ADMIN, null));
      List<Thread> both =
          Stream.of("a", "b")
              .map(
                  id ->
                      Thread.ofVirtual()
                          .start(
                              () -> {
                                try {
                                  keys.delete(id, true);
                                } catch (ServiceException e) {
                                  // it is the last one
                                }
                              }))
              .toList();
      for (Thread each : both) {
        each.join();
      }
      assertThat(keys.all()).hasSize(1);
      keys.delete(keys.all().getFirst().id(), false);
    }
  }

  @Test
  void namesAreFoundByWhatACallerIsBoundTo() {
    for (String name : List.of("iris", "iris2", "team-a.x", "team-axy", "team_a", "other")) {
      jdbc.sql("insert into datasets (name, last_version) values (:name, 1)")
          .param("name", name)
          .update();
    }
    assertThat(found(Binding.ALL)).hasSize(6);
    assertThat(found(Binding.NONE)).isEmpty();
    assertThat(found(Binding.of(List.of("iris", "team-a.*")))).containsExactly("iris", "team-a.x");
    assertThat(found(Binding.of(List.of("team_*", "i*"))))
        .containsExactly("iris", "iris2", "team_a");
    assertThat(found(Binding.of(List.of("' or 1 = 1 --", "%*", "_*")))).isEmpty();
  }

  private List<String> found(Binding binding) {
    Map<String, Object> parameters = new HashMap<>();
    String condition = BoundNames.and(binding, "d.name", parameters);
    return jdbc.sql("select d.name from datasets d where 1 = 1" + condition + " order by d.name")
        .params(parameters)
        .query(String.class)
        .list();
  }

  @Test
  void auditLogIsReadInPagesAndEnds() {
    JdbcAuditLog audit = new JdbcAuditLog(jdbc);
    for (int i = 0; i < 5; i++) {
      audit.add(
          new AuditLog.Entry(
              0,
              TIME.plusSeconds(i),
              i % 2 == 0 ? "even" : "odd",
              "n".repeat(500),
              "PUT",
              "/v1/models/" + i + "/" + "x".repeat(2000),
              i == 0 ? null : "{}",
              "[\"é\"]"));
    }
    List<AuditLog.Entry> page = audit.list(null, null, null, 2);
    assertThat(page)
        .extracting(AuditLog.Entry::at)
        .containsExactly(TIME.plusSeconds(4), TIME.plusSeconds(3));
    assertThat(page.getFirst().callerName()).hasSize(200);
    assertThat(page.getFirst().resource()).hasSize(1000);
    assertThat(page.getFirst().after()).isEqualTo("[\"é\"]");
    assertThat(audit.list(null, null, page.getLast().id(), 10)).hasSize(3);
    assertThat(audit.list("odd", null, null, 10)).hasSize(2);
    assertThat(audit.list("odd", "/v1/models/3", null, 10)).hasSize(1);
    assertThat(audit.list(null, "/v1/models/%", null, 10)).isEmpty();
    audit.deleteBefore(TIME.plusSeconds(3));
    assertThat(audit.list(null, null, null, 10)).hasSize(2);
  }

  @Test
  void usageCountsWhatACallerOwns() {
    JdbcStoredUsage usage = new JdbcStoredUsage(jdbc);
    assertThat(usage.bytes("a")).isZero();
    assertThat(usage.unfinishedJobs("a")).isZero();
    jdbc.sql("insert into datasets (name, last_version) values ('d', 3)").update();
    for (int version = 1; version <= 3; version++) {
      jdbc.sql(
              "insert into dataset_versions (name, version, digest, document, created_at, owner,"
                  + " stored_bytes) values ('d', :version, :digest, '{}', current_timestamp,"
                  + " :owner, 4000000000)")
          .param("version", version)
          .param("digest", "x" + version)
          .param("owner", version < 3 ? "a" : null)
          .update();
    }
    assertThat(usage.bytes("a")).isEqualTo(8_000_000_000L);
    assertThat(usage.bytes("b")).isZero();
    jdbc.sql(
            "insert into models (name, spec, revision, next_version, created_at, updated_at,"
                + " spec_bytes, owner) values ('m', '{}', 1, 1, current_timestamp,"
                + " current_timestamp, 300, 'b')")
        .update();
    assertThat(usage.bytes("b")).isEqualTo(300);
    assertThat(usage.models(Binding.ALL)).containsExactly(new StoredUsage.Share("m", 300));
    assertThat(usage.callers()).contains(new StoredUsage.Share("b", 300));
  }
}
