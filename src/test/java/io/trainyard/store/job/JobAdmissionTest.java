package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.Task;
import io.trainyard.job.TestJobs;
import io.trainyard.job.TrainingTask;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** A submission stores a job with everything that belongs to it, or nothing. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JobAdmissionTest extends JobStoreFixture {
  JobAdmissionTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void submittedJobIsStoredAndQueued() {
    Job job = TestJobs.queued();
    store.submit(job, job.task().spec());
    assertThat(store.find(job.id())).contains(job);
    assertThat(queued()).containsExactly(job.id());
    assertThat(datasets.holders).containsExactly(job.id());
    assertThat(stores.models.find("xor")).isPresent();
    assertThat(queue.positions(List.of(job))).isEqualTo(Map.of(job.id(), 1));
    assertThat(store.find("nothing")).isEmpty();
  }

  @Test
  void callerQueuesNoMoreThanItsQuotaAtOnce() throws InterruptedException {
    Identity caller =
        new Identity(
            "k",
            "k",
            Set.of(Scope.JOBS_WRITE),
            Binding.ALL,
            Binding.ALL,
            new Limits(null, null, null, 2),
            0);
    AtomicInteger refused = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads =
        IntStream.range(0, 12)
            .mapToObj(_ -> Thread.ofPlatform().start(() -> submit(caller, start, refused)))
            .toList();
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(queued()).hasSize(2);
    assertThat(refused).hasValue(10);
  }

  private void submit(Identity caller, CountDownLatch start, AtomicInteger refused) {
    try {
      start.await();
      caller.call(
          () -> {
            store.submit(TestJobs.queued(), null);
            return null;
          });
    } catch (ServiceException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.QUOTA_EXCEEDED);
      refused.incrementAndGet();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void jobsThatBringTheSameNewModelAreAllStored() throws InterruptedException {
    Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    for (int round = 0; round < 10; round++) {
      String model = "new-" + round;
      CountDownLatch start = new CountDownLatch(1);
      List<Thread> threads =
          IntStream.range(0, 4)
              .mapToObj(
                  _ -> Thread.ofPlatform().start(() -> submitWithModel(model, start, failures)))
              .toList();
      start.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(failures).isEmpty();
    assertThat(queued()).hasSize(40);
  }

  private void submitWithModel(String model, CountDownLatch start, Queue<Exception> failures) {
    JsonNode spec = Json.read("{\"name\":\"" + model + "\"}");
    Task task =
        new TrainingTask(
            model,
            spec,
            spec,
            new Task.DatasetReference("xor", 1),
            new Task.Placement("cpu", 0),
            List.of());
    try {
      start.await();
      Identity.service().doing(() -> store.submit(TestJobs.queued(task), spec)).run();
    } catch (InterruptedException | RuntimeException e) {
      failures.add(e);
    }
  }

  @Test
  void failedSubmissionLeavesNothing() {
    datasets.broken = true;
    Job job = TestJobs.queued();
    assertThatThrownBy(() -> store.submit(job, job.task().spec())).hasMessage("broken");
    assertThat(store.find(job.id())).isEmpty();
    assertThat(queued()).isEmpty();
    assertThat(stores.models.get("xor").revision()).as("its spec").isEqualTo(1);
  }
}
