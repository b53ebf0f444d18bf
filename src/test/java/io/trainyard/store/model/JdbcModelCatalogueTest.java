package io.trainyard.store.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import io.trainyard.model.Model;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.Provenance;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

@Tag("service")
class JdbcModelCatalogueTest extends ModelStoreTest {
  JdbcModelCatalogueTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void modelsAreCreatedOnceAndChangedByPut() {
    Model created = stores.models.create("m", SPEC);
    assertThat(created.revision()).isEqualTo(1);
    assertThat(created.latestVersion()).isNull();
    assertThat(stores.models.find("m")).contains(created);
    assertCode(() -> stores.models.create("m", SPEC), ErrorCode.ALREADY_EXISTS);
    Model changed =
        stores.models.put("m", Json.read("{\"name\":\"m\",\"a\":1}"), Precondition.none());
    assertThat(changed.revision()).isEqualTo(2);
    assertThat(changed.spec().get("a").intValue()).isEqualTo(1);
    assertThat(stores.models.put("n", SPEC, Precondition.none()).revision()).isEqualTo(1);
    assertThat(stores.models.find("x")).isEmpty();
    assertCode(() -> stores.models.get("x"), ErrorCode.MODEL_NOT_FOUND);
  }

  @Test
  void modelsAreListedNewestFirstInPages() {
    for (int i = 0; i < 5; i++) {
      stores.models.create("m" + i, SPEC);
    }
    List<Model> first = stores.models.list(2, null);
    assertThat(first).extracting(Model::name).containsExactly("m4", "m3");
    assertThat(stores.models.list(9, first.getLast().id()))
        .extracting(Model::name)
        .containsExactly("m2", "m1", "m0");
  }

  @Test
  void whatIsNeededCannotBeDeleted() {
    ModelVersion inner = publish("inner", "a");
    ModelVersion outer =
        stores.versions.publish(
            new NewVersion(
                "outer",
                SPEC,
                null,
                JsonNodeFactory.instance.objectNode(),
                new Provenance.Imported(Map.of()),
                inner.weights(),
                List.of(inner.id())));
    assertCode(() -> stores.versions.delete("inner", 1), ErrorCode.IN_USE);
    assertCode(() -> stores.models.delete("inner", Precondition.none()), ErrorCode.IN_USE);
    stores.aliases.move("outer", "production", outer.version(), "api", Precondition.none());
    assertCode(() -> stores.versions.delete("outer", 1), ErrorCode.IN_USE);
    assertCode(() -> stores.models.delete("outer", Precondition.none()), ErrorCode.IN_USE);
    stores.aliases.delete("outer", "production", Precondition.none());
    stores.models.delete("outer", Precondition.none());
    stores.models.delete("inner", Precondition.none());
    assertThat(stores.models.list(9, null)).isEmpty();
  }
}
