package io.trainyard.job.process;

/** Returns the jobs of workers that died to the queue. */
public interface DeadWorkers {
  /**
   * Reclaims all running jobs, when this process starts and nobody else can run one: the database
   * is embedded, so its lock proves it. Does nothing on a shared database.
   */
  void reclaimAll();

  /**
   * Reclaims the jobs that a worker ran. A crash of native code counts against the job whose thread
   * crashed, or against the only one; when several could be the cause, each runs alone next time.
   * The other jobs lose no more than the time since their checkpoint. Waits while the database is
   * down. A job that cannot be reclaimed for another reason holds up no other, and is retried until
   * it can.
   */
  void reclaim(String worker, WorkerDeath death);
}
