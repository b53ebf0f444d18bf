package io.trainyard.process;

import io.trainyard.Http;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several processes run jobs on one PostgreSQL and one small disk, while faults happen at random
 * moments. Each job ends once, with the weights of an undisturbed run, and each watcher sees each
 * epoch once. Profile {@code faults} makes the run long; {@code -Dfaults.seed} repeats a plan of
 * faults, and decides whether jobs run in worker processes; {@code -Dfaults.isolation} decides it
 * otherwise. {@code -Dfaults.logs} keeps the logs of the processes.
 */
class FaultsIT {
  private static final int DISK_MEGABYTES = 32;

  private static final Duration CALM = Duration.ofMinutes(2);
  private static final Duration TO_THE_END = Duration.ofMinutes(10);
  private static final List<String> QUICK_TO_NOTICE =
      List.of(
          "--trainyard.jobs.heartbeat=250ms",
          "--trainyard.jobs.missed-heartbeats=8",
          "--trainyard.jobs.poll=100ms",
          "--trainyard.jobs.checkpoint-every=100ms",
          "--trainyard.jobs.crash-limit=1000",
          "--trainyard.jobs.retry-pause=500ms",
          "--trainyard.train.resident-limit=1KB",
          "--spring.datasource.hikari.connection-timeout=2000");

  /** Kept after a failure, because the logs are in it. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path folder;

  @Test
  @Tag("slow")
  @Timeout(value = 2, unit = TimeUnit.HOURS)
  void nothingIsLostAndNothingPublishedTwice() throws Exception {
    int jobs = Integer.getInteger("faults.jobs", 6);
    int processes = Integer.getInteger("faults.processes", 2);
    long seed = Long.getLong("faults.seed", System.nanoTime());
    int count = Integer.getInteger("faults.count", 12);
    String isolation = isolation(seed);
    System.out.printf(
        "again: mvn verify -Pfaults -Dit.test=FaultsIT -Dfaults.seed=%d -Dfaults.count=%d"
            + " -Dfaults.jobs=%d -Dfaults.processes=%d -Dfaults.isolation=%s; logs in %s%n",
        seed, count, jobs, processes, isolation, logs());
    List<String> settings = new ArrayList<>(QUICK_TO_NOTICE);
    settings.add("--trainyard.jobs.isolation=" + isolation);
    try (DataFolder data = DataFolder.open(folder.resolve("data"), DISK_MEGABYTES);
        Database database = new Database(folder.resolve("database"));
        Fleet fleet = new Fleet(processes, data.path(), logs(), database.url(), settings)) {
      Http http = fleet.http();
      http.upload("line", JobTemplate.rows());
      Map<JobTemplate, byte[]> expected = Verdict.undisturbed(http, CALM);
      FaultTargets installation =
          new FaultTargets(fleet, database, data, DamagedFiles.make(http, data));
      FaultPlan plan = FaultPlan.draw(seed, count, processes, installation.possible());
      System.out.println(plan.counts());

      SubmittedJobs ledger = new SubmittedJobs(fleet, new Random(seed));
      FaultRunner storm = new FaultRunner(installation, ledger);
      storm.rage(plan, jobs);
      fleet.awaitReady();
      ledger.await(TO_THE_END);

      Verdict verdict = new Verdict(http, expected);
      storm.failures().forEach(verdict::note);
      verdict.judge(ledger);
      verdict.judge(fleet);
      verdict.assertNothingWrong();
    }
  }

  private static String isolation(long seed) {
    String wanted = System.getProperty("faults.isolation", "");
    return wanted.isEmpty() ? seed % 2 == 0 ? "process" : "none" : wanted;
  }

  /** The given folder, or one that is deleted with the test's data. */
  private Path logs() {
    String kept = System.getProperty("faults.logs", "");
    return kept.isEmpty() ? folder.resolve("logs") : Path.of(kept);
  }
}
