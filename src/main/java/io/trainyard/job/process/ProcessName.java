package io.trainyard.job.process;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;

/** A name for this process that no other process on the same database has. */
final class ProcessName {
  private static final int MAX_HOST = 60;

  private ProcessName() {}

  /** Host and process id for people; random digits, since hosts reuse process ids. */
  static String make() {
    return of(ProcessHandle.current().pid());
  }

  /** The name of another process on this host. */
  static String of(long pid) {
    String random = UUID.randomUUID().toString().substring(0, 8);
    return host() + "-" + pid + "-" + random;
  }

  private static String host() {
    try {
      String host = InetAddress.getLocalHost().getHostName();
      return host.length() > MAX_HOST ? host.substring(0, MAX_HOST) : host;
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
