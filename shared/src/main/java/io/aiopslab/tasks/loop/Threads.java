package io.aiopslab.tasks.loop;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The only place that makes threads: each has a name, and none keeps a process from its end. */
public final class Threads {
  private static final Logger log = LoggerFactory.getLogger(Threads.class);
  private static final long IDLE_SECONDS = 30;

  private Threads() {}

  public static Thread start(String name, Runnable work) {
    Thread thread = named(name).newThread(work);
    thread.start();
    return thread;
  }

  public static ThreadFactory named(String name) {
    return named(name, 0);
  }

  /**
   * @param stackBytes what a thread's calls may take; 0 for the platform's default
   */
  public static ThreadFactory named(String name, long stackBytes) {
    return work -> {
      Thread thread = new Thread(null, work, name, stackBytes);
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler(
          (failed, e) -> log.error("Thread {} ended of an error", failed.getName(), e));
      return thread;
    };
  }

  /**
   * Threads that are there while there is work.
   *
   * @param most at once; further work waits, as much as there is
   */
  public static ThreadPoolExecutor pool(String name, int most) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            most, most, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** One thread for what is to be done at a time; nothing of it may take long. */
  public static ScheduledExecutorService timer(String name) {
    return Executors.newSingleThreadScheduledExecutor(named(name));
  }

  /**
   * One thread for what somebody else must not wait for.
   *
   * @param most that may wait; more is thrown away, and so is all after its end
   */
  public static ExecutorService discarding(String name, int most) {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(most),
        named(name),
        new ThreadPoolExecutor.DiscardPolicy());
  }
}
