package io.trainyard.store.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.Labels;
import io.trainyard.store.database.TestDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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

/** Whose a version is, and how much a caller may have. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class DatasetVersionTableTest {
  private final TestDatabase kind;
  @TempDir Path folder;
  private TestDatabase.Opened database;
  private JdbcClient jdbc;
  private DatasetVersionTable table;
  private TransactionTemplate transaction;

  DatasetVersionTableTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    database = kind.open(folder);
    jdbc = JdbcClient.create(database.source());
    transaction = new TransactionTemplate(new JdbcTransactionManager(database.source()));
    table =
        new DatasetVersionTable(jdbc, transaction, new JdbcDatasetHolds(jdbc), Clock.systemUTC());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static DatasetVersion version(String name, long bytes) {
    return new DatasetVersion(
        name,
        1,
        Upload.Format.CSV,
        "0".repeat(64),
        1,
        1,
        0,
        bytes,
        List.of(),
        List.of(),
        Instant.EPOCH,
        Labels.NONE);
  }

  private static Identity caller(String id, @Nullable Long bytes) {
    return new Identity(
        id,
        id,
        Set.of(Scope.DATASETS_WRITE),
        Binding.ALL,
        Binding.ALL,
        new Limits(null, null, bytes, null),
        0);
  }

  /** Each of them alone has room. A caller with a token has no row in the table of keys. */
  @Test
  void callerStoresNoMoreThanItsQuotaAtOnce() throws InterruptedException {
    Identity caller = caller("oidc:k", 250L);
    CountDownLatch start = new CountDownLatch(1);
    AtomicInteger refused = new AtomicInteger();
    List<Thread> threads =
        IntStream.range(0, 12)
            .mapToObj(
                i -> Thread.ofPlatform().start(caller.doing(() -> insert("d" + i, start, refused))))
            .toList();
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(jdbc.sql("select count(*) from dataset_versions").query(Integer.class).single())
        .isEqualTo(2);
    assertThat(refused).hasValue(10);
  }

  private void insert(String name, CountDownLatch start, AtomicInteger refused) {
    try {
      start.await();
      table.insert(name, name, version(name, 100));
    } catch (ServiceException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.QUOTA_EXCEEDED);
      refused.incrementAndGet();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void versionThatWasThereStaysItsOwners() {
    var _ = Identity.service().call(() -> table.insert("d", "rows", version("d", 100)));
    join("d", "rows", "mallory");
    assertThat(owner("d")).isNull();
    join("e", "rows", "alice");
    join("e", "rows", "mallory");
    assertThat(owner("e")).isEqualTo("alice");
  }

  private void join(String name, String digest, String owner) {
    var _ = transaction.execute(_ -> table.insertJoined(name, digest, version(name, 100), owner));
  }

  private @Nullable String owner(String name) {
    return (String)
        jdbc.sql("select owner from dataset_versions where name = :name")
            .param("name", name)
            .query()
            .singleRow()
            .get("owner");
  }
}
