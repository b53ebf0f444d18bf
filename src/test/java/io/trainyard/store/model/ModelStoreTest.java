package io.trainyard.store.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Opens the stores of models on a real database. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
abstract class ModelStoreTest {
  static final JsonNode SPEC = Json.read("{\"name\":\"m\"}");

  private final TestDatabase kind;
  @TempDir Path folder;
  TestDatabase.Opened database;
  TransactionTemplate transaction;
  ModelStores stores;

  protected ModelStoreTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    database = kind.open(folder);
    transaction = new TransactionTemplate(new JdbcTransactionManager(database.source()));
    stores =
        new ModelStores(
            JdbcClient.create(database.source()), transaction, folder, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    database.close();
  }

  ModelVersion publish(String model, String job) {
    StoredWeights weights =
        stores.weights.store(Map.of("l.bias", HostTensor.ofFloats(Shape.of(1), 3)));
    return stores.versions.publish(
        new NewVersion(
            model,
            SPEC,
            null,
            Json.read("{\"val_loss\":0.5}"),
            new Provenance.Trained(job, "d@1", "ab", -7, Device.CPU, 1, Map.of("java", "25"), null),
            weights,
            List.of()));
  }

  static void assertCode(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
  }
}
