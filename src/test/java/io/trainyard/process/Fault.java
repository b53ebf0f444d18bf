package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.process.DataFolder.Damage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A fault, which also ends itself where the service cannot. */
sealed interface Fault {
  void strike(FaultTargets at) throws Exception;

  /** The kinds of faults, with their relative frequencies. */
  enum Kind {
    KILL(14),
    KILL_TWICE(3),
    HAND_OVER(8),
    PAUSE(16),
    CLOCK(15),
    FULL_DISK(12),
    CHECKPOINT(14),
    WEIGHTS(5),
    ROWS(5),
    DATABASE_STOP(4),
    DATABASE_CRASH(2),
    DATABASE_HOLD(2);

    private final int share;

    Kind(int share) {
      this.share = share;
    }

    int share() {
      return share;
    }

    /** A fault of this kind, with random details. */
    Fault draw(Random random, int processes) {
      int process = random.nextInt(processes);
      Damage damage = Damage.any(random);
      return switch (this) {
        case KILL -> new Kill(process);
        case KILL_TWICE -> new KillTwice(process, millis(random, 200, 4_000));
        case HAND_OVER -> new HandOver(process);
        // Half of them are longer than the heartbeat limit: others then run its jobs when it wakes.
        case PAUSE -> new Pause(process, millis(random, 200, 5_000));
        case CLOCK -> new Clock(process, Duration.ofSeconds(random.nextInt(-7_200, 7_200)));
        case FULL_DISK -> new FullDisk(millis(random, 300, 4_000));
        case CHECKPOINT -> new Checkpoint(damage, random.nextInt());
        case WEIGHTS -> new Weights(damage, random.nextInt());
        case ROWS -> new Rows(damage, random.nextInt());
        case DATABASE_STOP -> new DatabaseStop(millis(random, 300, 5_000), false);
        case DATABASE_CRASH -> new DatabaseStop(millis(random, 300, 2_000), true);
        case DATABASE_HOLD -> new DatabaseHold(millis(random, 300, 4_000));
      };
    }

    private static Duration millis(Random random, int from, int to) {
      return Duration.ofMillis(random.nextInt(from, to));
    }
  }

  /** kill -9, and a new process in its place. */
  record Kill(int process) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.member(process).crash();
    }
  }

  /** Kills the new process too, maybe while it starts. */
  record KillTwice(int process, Duration between) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.member(process).crash();
      Thread.sleep(between);
      at.member(process).crash();
    }
  }

  /** SIGTERM: its jobs are requeued in time. */
  record HandOver(int process) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      assertThat(at.member(process).restart())
          .as("the time to stop")
          .isLessThan(Duration.ofSeconds(30));
    }
  }

  /** SIGSTOP, and SIGCONT later. */
  record Pause(int process, Duration length) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.member(process).pause(length);
    }
  }

  /** The process's clock jumps. */
  record Clock(int process, Duration ahead) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.member(process).clock().set(ahead);
    }
  }

  /** The disk of the data folder is full for a while. */
  record FullDisk(Duration length) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.exclusively(
          at.data(),
          () -> {
            at.data().fill();
            Thread.sleep(length);
            at.data().empty();
          });
    }
  }

  /** Damages a checkpoint of some running job, permanently. */
  record Checkpoint(Damage damage, int lot) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      Random random = new Random(lot);
      List<Path> files = at.data().files("checkpoints");
      if (!files.isEmpty()) {
        DataFolder.damage(files.get(random.nextInt(files.size())), damage, random);
      }
    }
  }

  /** Damages a version's weights for a while: no caller gets wrong weights. */
  record Weights(Damage damage, int lot) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.exclusively(at.data(), () -> at.victim().damageWeights(at, damage, new Random(lot)));
    }
  }

  /** Damages a dataset's rows for a while: no caller gets wrong rows. */
  record Rows(Damage damage, int lot) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.exclusively(at.data(), () -> at.victim().damageRows(at, damage, new Random(lot)));
    }
  }

  /** The database stops or crashes, and restarts later. */
  record DatabaseStop(Duration length, boolean crash) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.exclusively(
          at.database(),
          () -> {
            if (crash) {
              at.database().crash();
            } else {
              at.database().stop();
            }
            Thread.sleep(length);
            at.database().start();
          });
    }
  }

  /** The database does not answer for a while; connections stay open. */
  record DatabaseHold(Duration length) implements Fault {
    @Override
    public void strike(FaultTargets at) throws Exception {
      at.exclusively(
          at.database(),
          () -> {
            at.database().hold();
            Thread.sleep(length);
            at.database().release();
          });
    }
  }
}
