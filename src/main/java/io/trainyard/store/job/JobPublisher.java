package io.trainyard.store.job;

import io.trainyard.job.JobState;
import io.trainyard.job.JobStore.Publication;
import io.trainyard.model.AliasStore;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.VersionStore;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Publishes what a job trained and moves its alias. Joins the caller's transaction. */
@Component
record JobPublisher(VersionStore versions, AliasStore aliases) {
  JobState.Result publish(Publication publication, String job) {
    ModelVersion version = versions.publish(publication.version());
    return new JobState.Result(version.model(), version.version(), move(publication, version, job));
  }

  private JobState.@Nullable AliasMove move(
      Publication publication, ModelVersion version, String job) {
    String alias = publication.alias();
    if (alias == null) {
      return null;
    }
    boolean moves = publication.objection() == null;
    if (moves) {
      aliases.move(version.model(), alias, version.version(), "job " + job, Precondition.none());
    }
    return new JobState.AliasMove(alias, moves, publication.objection());
  }
}
