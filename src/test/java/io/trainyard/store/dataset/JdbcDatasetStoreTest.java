package io.trainyard.store.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.job.TestStores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

/** Dataset versions on each kind of database. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JdbcDatasetStoreTest {
  private final TestDatabase kind;
  @TempDir Path folder;
  TestStores stores;

  JdbcDatasetStoreTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    stores = new TestStores(kind, folder, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    stores.close();
  }

  private static String csv(int number) {
    return "a,b\n1," + number + "\n";
  }

  @Test
  void versionsCountUpAndAreFound() {
    DatasetVersion first = stores.rows("d", csv(1));
    DatasetVersion second = stores.rows("d", csv(2));
    assertThat(second.version()).isEqualTo(2);
    assertThat(stores.rows("d", csv(1))).as("the same bytes").isEqualTo(first);
    assertThat(stores.datasets.find("d", 1)).contains(first);
    assertThat(stores.datasets.find("d", 3)).isEmpty();
    assertThat(stores.datasets.findLatest("d")).contains(second);
    assertThat(stores.datasets.findLatest("e")).isEmpty();
    assertThat(versions(null)).containsExactly(second, first);
    assertThat(versions("2")).containsExactly(first);
    assertThat(stores.rows("copy", csv(1)).sha256()).isEqualTo(first.sha256());
  }

  private List<DatasetVersion> versions(@Nullable String after) {
    return stores.datasets.selectVersions("d", Selection.ALL, after, 50).stream()
        .map(Placed::item)
        .toList();
  }

  @Test
  void listShowsTheNewestVersionOfEachInPages() {
    for (int i = 0; i < 5; i++) {
      stores.rows("d" + i, csv(i));
      stores.rows("d" + i, csv(i + 10));
    }
    List<Placed<DatasetVersion>> page = stores.datasets.select(Selection.ALL, null, 2);
    assertThat(page)
        .extracting(placed -> placed.item().reference())
        .containsExactly("d4@2", "d3@2");
    assertThat(stores.datasets.select(Selection.ALL, page.getLast().cursor(), 9))
        .extracting(placed -> placed.item().reference())
        .containsExactly("d2@2", "d1@2", "d0@2");
  }

  @Test
  void bothDatabasesKnowEveryOrder() {
    stores.rows("d", csv(1));
    stores.rows("d", csv(2) + "3,4\n");
    stores.rows("e", "a,b,c\n1,2,3\n");
    for (String member :
        List.of(
            "name",
            "version",
            "created_at",
            "format",
            "sha256",
            "rows",
            "rejected_rows",
            "bytes",
            "owner",
            "description",
            "archived")) {
      Selection selection =
          new Selection(Map.of(), null, null, null, new Selection.Order(member, true));
      assertThat(stores.datasets.select(selection, null, 9)).as(member).hasSize(2);
      assertThat(stores.datasets.selectVersions("d", selection, null, 9)).as(member).hasSize(2);
    }
    Selection byRows =
        new Selection(Map.of(), null, null, null, new Selection.Order("rows", false));
    assertThat(stores.datasets.selectVersions("d", byRows, null, 9))
        .extracting(placed -> placed.item().rows())
        .containsExactly(1L, 2L);
  }

  @Test
  void numberOfADeletedVersionIsNotGivenAgain() {
    stores.rows("d", csv(1));
    stores.rows("d", csv(2));
    stores.datasets.delete("d", 2);
    assertThatThrownBy(() -> stores.datasets.delete("d", 2))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.DATASET_NOT_FOUND));
    assertThat(stores.datasets.findLatest("d").orElseThrow().version()).isEqualTo(1);
    assertThat(stores.rows("d", csv(3)).version()).isEqualTo(3);
  }

  /** How long an upload takes does not tell that somebody else has the same bytes. */
  @Test
  void bytesThatOthersHaveAreReadAgain() throws IOException {
    stores.rows("b.rows", csv(1));
    byte[] parquet;
    try (Stream<Path> files = Files.walk(folder)) {
      Path stored =
          files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
      parquet = Files.readAllBytes(stored);
    }
    DatasetVersion others = upload("b.same", parquet);
    assertThat(stores.conversions).hasValue(1);
    Identity caller =
        new Identity("a", "a", Set.of(), Binding.ALL, Binding.of(List.of("a.*")), Limits.NONE, 0);
    DatasetVersion own = caller.call(() -> upload("a.same", parquet));
    assertThat(stores.conversions).as("as if nobody had them").hasValue(2);
    assertThat(own.columns()).isEqualTo(others.columns());
    assertThat(stores.datasets.rows(own, 0, 10, 1000)).hasSize(1);
    assertThat(stores.datasets.rows(others, 0, 10, 1000)).hasSize(1);
    DatasetVersion copy = caller.call(() -> upload("a.copy", parquet));
    assertThat(copy.sha256()).isEqualTo(own.sha256());
    assertThat(stores.conversions).as("the caller's own").hasValue(2);
  }

  private DatasetVersion upload(String name, byte[] parquet) throws IOException {
    return stores
        .datasets
        .create(
            new Upload(
                name,
                Upload.Format.PARQUET,
                IngestOptions.DEFAULT,
                List.of(new Upload.Part("file", new ByteArrayInputStream(parquet)))))
        .version();
  }

  @Test
  void uploadsAtTheSameTimeGetDifferentNumbersOrAreTheSame() throws Exception {
    List<Callable<DatasetVersion>> uploads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int number = i / 2;
      uploads.add(() -> stores.rows("d", csv(number)));
    }
    Set<Integer> numbers = new HashSet<>();
    try (ExecutorService threads =
        Executors.newFixedThreadPool(4, Identity.service().threads(Thread.ofPlatform()))) {
      for (Future<DatasetVersion> upload : threads.invokeAll(uploads)) {
        numbers.add(upload.get().version());
      }
    }
    assertThat(numbers).hasSize(4);
    assertThat(versions(null)).hasSize(4);
  }
}
