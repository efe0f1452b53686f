package io.aiopslab.tasks.worker.run;

import com.sun.security.auth.module.UnixSystem;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Whose rights runs have. Those of the worker's own user can read what the worker can: its
 * environment in /proc, its memory, its files; only root can give them those of somebody else.
 */
@Component
final class RunUser {
  private static final Logger log = LoggerFactory.getLogger(RunUser.class);
  private static final long ROOT = 0;

  private final @Nullable String name;
  private final @Nullable UserPrincipal user;

  @Autowired
  RunUser(WorkerSettings settings) throws IOException {
    this(settings, uidOfWorker());
  }

  RunUser(WorkerSettings settings, long uidOfWorker) throws IOException {
    this.name = settings.runAs();
    this.user = name == null ? null : find(name, uidOfWorker);
    if (name == null && settings.clusters().stream().anyMatch(RunUser::startsForeignPrograms)) {
      log.warn(
          "Runs have the rights of this worker's own user and can read what it can, its passwords"
              + " included; to keep them apart, start the worker as root and set"
              + " aiopslab.worker.run-as to another user");
    }
  }

  static long uidOfWorker() {
    return new UnixSystem().getUid();
  }

  private static UserPrincipal find(String name, long uidOfWorker) throws IOException {
    if (uidOfWorker != ROOT) {
      throw new IllegalStateException(
          "aiopslab.worker.run-as is '%s', and only root can start runs as somebody else; start the worker as root, or leave it out"
              .formatted(name));
    }
    try {
      UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
      UserPrincipal found = users.lookupPrincipalByName(name);
      if (found.equals(users.lookupPrincipalByName("root"))) {
        throw new IllegalStateException(
            "aiopslab.worker.run-as is root, who can read everything; name another user");
      }
      return found;
    } catch (UserPrincipalNotFoundException e) {
      throw new IllegalStateException(
          "aiopslab.worker.run-as is '%s', a user that this host does not have; make it (useradd --system %s), or name another"
              .formatted(name, name));
    }
  }

  /** A simulated cluster starts nothing but this project's own runner. */
  private static boolean startsForeignPrograms(ClusterSettings cluster) {
    return !cluster.environment().equals(ClusterSettings.SIMULATOR)
        || !cluster.runnerCommand().isEmpty();
  }

  boolean isAnother() {
    return user != null;
  }

  /** What the supervisor is told of it. */
  List<String> options() {
    return name == null ? List.of() : List.of("--user", name);
  }

  /** Makes it the owner of a directory that nobody else can reach yet, and of all in it. */
  void give(Path directory) throws IOException {
    if (user == null) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            return giveOne(file);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            return giveOne(visited);
          }
        });
  }

  private FileVisitResult giveOne(Path path) throws IOException {
    Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setOwner(user);
    return FileVisitResult.CONTINUE;
  }
}
