package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.Task;
import io.trainyard.job.TestJobs;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.Precondition;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.tensor.Device;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Lists of jobs in pages, while other callers submit and workers start jobs. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JobPagesTest {
  private static final JobState.Running ME = new JobState.Running("me", Device.CPU);

  private final TestDatabase kind;
  @TempDir Path folder;
  TestStores stores;

  JobPagesTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    stores = new TestStores(kind, folder, Clock.systemUTC());
    stores.rows("xor", "a,b\n1,2\n");
    stores.models.put("xor", Json.read("{\"name\":\"xor\"}"), Precondition.none());
  }

  @AfterEach
  void close() {
    stores.close();
  }

  private Job submitted() {
    Job job = TestJobs.queued();
    stores.jobs.submit(job, null);
    return job;
  }

  /** All pages, of three jobs each. */
  private List<String> paged(JobFilter filter) {
    List<String> seen = new ArrayList<>();
    String before = null;
    while (true) {
      List<Job> page =
          stores.jobs.list(
              new JobFilter(
                  filter.model(), filter.state(), filter.sweep(), before, null, Selection.ALL),
              3);
      page.forEach(job -> seen.add(job.id()));
      if (page.size() < 3) {
        return seen;
      }
      before = page.getLast().id();
    }
  }

  @Test
  void pagesHaveNoGapsAndNoDuplicatesWhileJobsArrive() throws Exception {
    List<String> existing = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      existing.addFirst(submitted().id());
    }
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<?>> arriving = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        arriving.add(
            threads.submit(
                () -> {
                  while (!done.get()) {
                    Job job = submitted();
                    stores.attempts.start(job.id(), new JobState.Running("me", Device.CPU));
                  }
                }));
      }
      for (int round = 0; round < 10; round++) {
        List<String> all = paged(new JobFilter(null, null, null, null, null, Selection.ALL));
        assertThat(all).doesNotHaveDuplicates().isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(all).endsWith(existing.toArray(String[]::new));
        assertThat(
                paged(new JobFilter("xor", JobState.Name.QUEUED, null, null, null, Selection.ALL)))
            .doesNotHaveDuplicates()
            .endsWith(existing.toArray(String[]::new));
      }
      done.set(true);
      for (Future<?> finished : arriving) {
        finished.get();
      }
    }
  }

  /** One query for each of them would take as long as the list of a whole installation. */
  @Test
  void jobsThatACallerMayNotSeeAreReadTogether() {
    assumeTrue(kind == TestDatabase.H2, "it counts its queries");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.add(submitted().id());
    }
    stores
        .jdbc
        .sql("update jobs set request = :request where id <> :first")
        .param("request", "{\"initial_weights\": {\"model\": \"other\", \"version\": 1}}")
        .param("first", ids.getFirst())
        .update();
    Identity bound =
        new Identity(
            "b", "b", Set.of(Scope.READ), Binding.of(List.of("xor")), Binding.ALL, Limits.NONE, 0);
    var _ = stores.jdbc.sql("set query_statistics true").update();
    List<Job> page =
        bound.call(
            () -> stores.jobs.list(new JobFilter(null, null, null, null, null, Selection.ALL), 1));
    assertThat(page).extracting(Job::id).containsExactly(ids.getFirst());
    assertThat(
            stores
                .jdbc
                .sql(
                    "select sum(execution_count) from information_schema.query_statistics"
                        + " where sql_statement like '%from jobs%fetch first%'")
                .query(Integer.class)
                .single())
        .isLessThanOrEqualTo(2);
  }

  /** Whether others measure it is none of the caller's business. */
  @Test
  void namesThatOnlyOthersMeasureAreUnknown() {
    Job own = submitted();
    Job others = submitted();
    stores
        .jdbc
        .sql("update jobs set model = 'other' where id = :id")
        .param("id", others.id())
        .update();
    for (List<String> value : List.of(List.of(own.id(), "loss"), List.of(others.id(), "secret"))) {
      stores
          .jdbc
          .sql("insert into job_values (job_id, name, amount) values (:job, :name, 1)")
          .param("job", value.getFirst())
          .param("name", value.getLast())
          .update();
    }
    Identity bound =
        new Identity(
            "b", "b", Set.of(Scope.READ), Binding.of(List.of("xor")), Binding.ALL, Limits.NONE, 0);
    assertThat(bound.call(() -> by("loss"))).extracting(Job::id).containsExactly(own.id());
    for (String name : List.of("secret", "absent")) {
      assertThatThrownBy(() -> bound.call(() -> by(name)))
          .isInstanceOf(ServiceException.class)
          .hasMessageContaining("was '" + name + "'");
    }
    assertThat(Identity.service().call(() -> by("secret"))).hasSize(2);
  }

  private List<Job> by(String metric) {
    Selection selection =
        new Selection(Map.of(), null, null, null, new Selection.Order(metric, false));
    return new JobLists(stores.jdbc)
        .page(new JobFilter(null, null, null, null, null, selection), 10).stream()
            .map(Placed::item)
            .toList();
  }

  @Test
  void everyOrderHasAllJobsPageByPage() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      ids.add(submitted().id());
    }
    for (String id : ids.subList(0, 3)) {
      stores.attempts.start(id, ME);
    }
    assertThat(
            stores.jobs.cancel(
                stores.jobs.find(ids.getFirst()).orElseThrow(), ProgressReport.EMPTY))
        .isTrue();
    stores
        .jdbc
        .sql("update jobs set kind = 'sweep', description = 'a|b' where id in (:ids)")
        .param("ids", ids.subList(4, 6))
        .update();
    for (String kind : Arrays.asList(null, Task.Sweep.KIND)) {
      for (String name : (SortedMember.names(kind) + ", id, created_at, val_loss").split(", ")) {
        for (boolean descending : new boolean[] {false, true}) {
          Selection.Order order = new Selection.Order(name, descending);
          Selection selection = new Selection(Map.of(), null, null, null, order);
          List<String> seen = new ArrayList<>();
          String cursor = null;
          List<Placed<Job>> page;
          do {
            page = stores.jobs.page(new JobFilter(null, null, null, cursor, kind, selection), 2);
            page.forEach(placed -> seen.add(placed.item().id()));
            cursor = page.isEmpty() ? null : page.getLast().cursor();
          } while (cursor != null);
          assertThat(seen)
              .as("%s of %s", order, kind)
              .containsExactlyInAnyOrderElementsOf(kind == null ? ids : ids.subList(4, 6));
        }
      }
    }
  }

  @Test
  void listIsNewestFirstAndNewJobsDoNotShiftItsPages() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.addFirst(submitted().id());
    }
    List<Job> page =
        stores.jobs.list(new JobFilter(null, null, null, null, null, Selection.ALL), 2);
    submitted();
    List<Job> rest =
        stores.jobs.list(
            new JobFilter(null, null, null, page.getLast().id(), null, Selection.ALL), 10);
    List<String> seen = new ArrayList<>();
    page.forEach(job -> seen.add(job.id()));
    rest.forEach(job -> seen.add(job.id()));
    assertThat(seen).isEqualTo(ids);
    stores.attempts.start(ids.get(1), ME);
    assertThat(
            stores.jobs.list(
                new JobFilter("xor", JobState.Name.RUNNING, null, null, null, Selection.ALL), 10))
        .extracting(Job::id)
        .containsExactly(ids.get(1));
    assertThat(stores.jobs.list(new JobFilter("other", null, null, null, null, Selection.ALL), 10))
        .isEmpty();
    stores
        .jdbc
        .sql("update jobs set sweep = 'a' where id in (:ids)")
        .param("ids", List.of(ids.get(2), ids.get(4)))
        .update();
    assertThat(stores.jobs.list(new JobFilter(null, null, "a", null, null, Selection.ALL), 10))
        .extracting(Job::id)
        .containsExactly(ids.get(2), ids.get(4));
  }
}
