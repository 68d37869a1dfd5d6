"""Keys of the HDF5 files of the RECON release, one file a trajectory of T steps."""

IMAGE = "images/rgb_left"
POSITION = "jackal/position"
YAW = "jackal/yaw"
LINEAR_VELOCITY = "jackal/linear_velocity"
ANGULAR_VELOCITY = "jackal/angular_velocity"
COMMAND_LINEAR = "commands/linear_velocity"
COMMAND_ANGULAR = "commands/angular_velocity"
COLLISION = "collision"
GPS_FIXED = "gps/is_fixed"
GPS_PLACE = "gps/latlong"
ACCELERATION = "imu/linear_acceleration"
TURN_RATE = "imu/angular_velocity"
MAGNETOMETER = "imu/magnetometer"
BEARING = "imu/compass_bearing"
LIDAR = "lidar"

STAMP = "cairn/stamp"
"""Ours, beside the release's: when each image was taken [s]; readers of the release pass it over."""

SHAPES: dict[str, tuple[int, ...]] = {
    POSITION: (3,),
    YAW: (),
    LINEAR_VELOCITY: (),
    ANGULAR_VELOCITY: (),
    COMMAND_LINEAR: (),
    COMMAND_ANGULAR: (),
    **{
        f"{COLLISION}/{flag}": ()
        for flag in ("any", "physical", "close", "flipped", "stuck", "outside_geofence")
    },
    GPS_FIXED: (),
    GPS_PLACE: (2,),
    ACCELERATION: (3,),
    TURN_RATE: (3,),
    MAGNETOMETER: (3,),
    BEARING: (),
    LIDAR: (360,),
    STAMP: (),
}
"""Of one step, by key; images are JPEG files of any length."""

REQUIRED = (IMAGE, POSITION, YAW)
