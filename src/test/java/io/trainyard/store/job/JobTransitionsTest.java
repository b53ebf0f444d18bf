package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.JobState.Name;
import io.trainyard.job.ProgressReport;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.job.JobTransitions.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A job's state changes only as {@link Name#mayBecome} allows, and only in one place. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JobTransitionsTest extends JobStoreFixture {
  private static final Path STORE = Path.of("src", "main", "java", "io", "trainyard", "store");

  JobTransitionsTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void forbiddenChangeIsRefusedForEveryPairOfStates() {
    List<String> refused = new ArrayList<>();
    for (Name before : Name.values()) {
      for (Name next : Name.values()) {
        Job seen = in(before);
        if (before.mayBecome(next)) {
          assertThat(jobs.transitions.transition(seen, next, Change.of(ProgressReport.EMPTY)))
              .as(before + " to " + next)
              .isTrue();
          assertThat(storedState(seen)).isEqualTo(next.word());
        } else {
          refused.add(before + " to " + next);
          assertThatThrownBy(
                  () -> jobs.transitions.transition(seen, next, Change.of(ProgressReport.EMPTY)))
              .as(before + " to " + next)
              .isInstanceOf(IllegalStateException.class);
          assertThat(find(seen)).as("unchanged").isEqualTo(seen);
        }
      }
    }
    assertThat(refused).as("2 forbidden from queued, 5 from each final state").hasSize(17);
  }

  private Job in(Name state) {
    Job job =
        switch (state) {
          case QUEUED -> submitted();
          case RUNNING, SUCCEEDED -> started();
          case FAILED -> ended(new JobState.Failed(new JobState.Failure("code", "detail")));
          case CANCELLED -> ended(new JobState.Cancelled());
        };
    if (state == Name.SUCCEEDED) {
      attempts.succeed(job, publication(job, null, null), ProgressReport.EMPTY);
    }
    return find(job);
  }

  private Job ended(JobState end) {
    Job job = started();
    assertThat(attempts.finish(job, end, ProgressReport.EMPTY)).isTrue();
    return job;
  }

  private String storedState(Job job) {
    return jdbc.sql("select state from jobs where id = :id")
        .param("id", job.id())
        .query(String.class)
        .single();
  }

  @Test
  void changeOfAJobThatHasChangedSinceIsRefused() {
    Job seen = started();
    attempts.requeue(seen, ProgressReport.EMPTY);
    for (Name next : Name.values()) {
      assertThat(jobs.transitions.transition(seen, next, Change.of(ProgressReport.EMPTY)))
          .isFalse();
    }
    Job again = attempts.start(seen.id(), ME).orElseThrow();
    for (Name next : Name.values()) {
      assertThat(jobs.transitions.transition(seen, next, Change.of(ProgressReport.EMPTY)))
          .isFalse();
    }
    assertThat(find(seen)).isEqualTo(again);
  }

  @Test
  void noSqlHasAStateInItsText() throws IOException {
    assertThat(sourcesWith(Pattern.compile("'(queued|running|succeeded|failed|cancelled)'")))
        .isEmpty();
  }

  @Test
  void onlyTransitionsWriteTheState() throws IOException {
    // The text of a statement ends with its first call or with the end of the statement.
    Pattern update = Pattern.compile("update jobs set[^;]*?\\bstate = [^;]*?\\bwhere\\b");
    assertThat(sourcesWith(update)).containsExactly("JobTransitions.java");
  }

  private static List<String> sourcesWith(Pattern pattern) throws IOException {
    try (Stream<Path> files = Files.walk(STORE)) {
      List<String> found = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        if (pattern.matcher(Files.readString(file)).find()) {
          found.add(file.getFileName().toString());
        }
      }
      return found;
    }
  }
}
